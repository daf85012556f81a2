// The same header in C++: a model as a class.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "lathe.h"

class Model {
 public:
  explicit Model(const std::string &path) {
    if (lathe_open(path.c_str(), nullptr, nullptr, &m_)) throw std::runtime_error(lathe_error());
  }
  ~Model() { lathe_close(m_); }
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  std::vector<float> run(std::vector<float> &x) const {
    lathe_info in, out;
    if (lathe_input(m_, 0, &in) || lathe_output(m_, 0, &out)) throw std::runtime_error(lathe_error());
    lathe_tensor tx{x.data(), in.dtype, in.rank, {}}, ty{nullptr, out.dtype, out.rank, {}};
    size_t n = 1;
    for (int i = 0; i < in.rank; i++) tx.shape[i] = in.shape[i];
    for (int i = 0; i < out.rank; i++) n *= ty.shape[i] = out.shape[i];
    std::vector<float> y(n);
    ty.data = y.data();
    if (lathe_run(m_, &tx, 1, &ty, 1)) throw std::runtime_error(lathe_error());
    return y;
  }

 private:
  lathe_model m_ = 0;
};

int main(int, char **argv) {
  try {
    Model none(argv[2]);
    return 1;
  } catch (const std::runtime_error &e) {
    if (std::string(e.what()).empty()) return 1;
  }
  std::vector<float> x{1, 2, 3, 4, 5, 6};
  const auto y = Model(argv[1]).run(x);
  if (y != std::vector<float>{14.5f, 0, 32.5f, 0}) {
    std::printf("got %g %g %g %g\n", y[0], y[1], y[2], y[3]);
    return 1;
  }
  std::puts("passed");
}
