// Streams, events, graphs and memory of the host that is pinned, of the stand-in for the driver. Work of a stream that
// is late waits until an event, another stream or the caller asks for it, so that a wait that is missing shows as wrong
// values. LATHE_EMULATE_LATE says which streams are late: "first" is the first one made (kernels), "others" are the
// rest (copies); nothing is late without it.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string.h>
#include <vector>

namespace streams {
typedef unsigned long long Ptr;
typedef std::function<int()> Work;
struct Node {
  Work run;            // what it does with its own copy of the arguments
  std::vector<unsigned long long> words;
  void* kernel = 0;
  unsigned grid[3], block;
};
struct Graph {
  std::vector<std::shared_ptr<Node>> nodes;
};
struct Exec {
  std::vector<Node> nodes;            // with arguments of their own
  std::map<const void*, size_t> at;   // by the node of the graph
};
struct Stream {
  int number;
  std::vector<Work> late;
  Graph* into = 0;  // the graph that is being captured
  Node* last = 0;
};
struct Event {
  Stream* stream = 0;
  size_t upto = 0;  // work of stream that has to be done before
  size_t age = 0;
  double ms = 0;
};
static std::set<void*> all, graphs, execs;  // what there is
static std::map<char*, size_t> pinned;
static int made;
static double clock_ms;
static std::map<Stream*, size_t> ages;  // how often a stream was emptied
static int failed;                      // the first error of work that was late

static bool is_late(Stream* s) {
  const char* v = getenv("LATHE_EMULATE_LATE");
  return v && (s->number == 0) == !strcmp(v, "first");
}
static Stream* of(void* s) { return all.count(s) ? (Stream*)s : 0; }
// settle does the first n pieces of late work.
static int settle(Stream* s, size_t n) {
  std::vector<Work> now(s->late.begin(), s->late.begin() + n);
  s->late.erase(s->late.begin(), s->late.begin() + n);
  ages[s] += n;
  int e = failed;
  for (auto& w : now) {
    if (int r = w()) e = e ? e : r;
  }
  failed = 0;
  return e;
}
static int settle(Stream* s) { return settle(s, s->late.size()); }
static int settle_all() {
  int e = 0;
  for (void* s : all) {
    if (int r = settle((Stream*)s)) e = e ? e : r;
  }
  return e;
}
// give does work in the order of a stream; late work reports its error to who waits.
static int give(void* v, Work w) {
  Stream* s = of(v);
  if (!s) return 400;  // CUDA_ERROR_INVALID_HANDLE
  if (s->into) {
    auto n = std::make_shared<Node>();
    n->run = w;
    s->into->nodes.push_back(n);
    s->last = n.get();
    return 0;
  }
  if (!is_late(s)) return w();
  s->late.push_back(w);
  return 0;
}
static bool capturing() {
  for (void* s : all) {
    if (((Stream*)s)->into) return true;
  }
  return false;
}
enum { UNSUPPORTED = 900, INVALIDATED = 901 };
static int wait_for(Event* e) {
  if (!e->stream || !all.count(e->stream)) return 0;
  size_t done = ages[e->stream];
  return e->upto > done ? settle(e->stream, e->upto - done) : 0;
}
static bool is_pinned(const void* v, size_t n) {
  auto u = pinned.upper_bound((char*)v);
  if (u == pinned.begin()) return false;
  --u;
  return (char*)v + n <= u->first + u->second;
}
// refuse is for calls that a driver does not allow while a stream is captured.
static int refuse(int otherwise) { return capturing() ? UNSUPPORTED : otherwise; }
}  // namespace streams
