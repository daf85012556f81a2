// Steps of optimizers, as engine/cpu has them.
template <class T> struct SGDState {
  T p, m;
};
template <class T>
DEVICE SGDState<T> sgd(T p, T m, T g, f64 lr, f64 momentum, f64 dampening, f64 decay, i64 nesterov, i64 maximize,
                       i64 begins) {
  T d = (maximize ? -g : g) + (T)decay * p;
  if (momentum != 0) {
    m = begins ? d : (T)momentum * m + (T)(1 - dampening) * d;
    d = nesterov ? d + (T)momentum * m : m;
  }
  SGDState<T> s = {p - (T)lr * d, m};
  return s;
}
template <class T> struct AdamState {
  T p, m, v;
};
// size and root remove the bias of the moments, keep is 1 − LR·WeightDecay.
template <class T>
DEVICE AdamState<T> adam(T p, T m, T v, T g, f64 beta1, f64 beta2, f64 eps, f64 decay, f64 size, f64 root, f64 keep,
                         i64 decoupled, i64 maximize) {
  T d = maximize ? -g : g;
  if (decoupled) {
    p *= (T)keep;
  } else {
    d += (T)decay * p;
  }
  m = (T)beta1 * m + (T)(1 - beta1) * d;
  v = (T)beta2 * v + (T)(1 - beta2) * d * d;
  AdamState<T> s = {p - (T)size * m / (sqrt(v) * (T)root + (T)eps), m, v};
  return s;
}
