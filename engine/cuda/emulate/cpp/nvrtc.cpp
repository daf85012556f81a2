// A libnvrtc.so.12 whose programs are shared objects for driver.cpp. LATHE_EMULATE_LIB holds emulate.h, also
// precompiled; LATHE_EMULATE_DIR is for files in between.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <string>
using std::string;

struct Program {
  string source, image, log;
};
static string read_all(const string& path) {
  string s;
  if (FILE* f = fopen(path.c_str(), "rb")) {
    char b[65536];
    for (size_t n; (n = fread(b, 1, sizeof b, f)) > 0;) s.append(b, n);
    fclose(f);
  }
  return s;
}

extern "C" {
int nvrtcVersion(int* major, int* minor) { return *major = 12, *minor = 9, 0; }
const char* nvrtcGetErrorString(int e) { return e == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
int nvrtcCreateProgram(Program** p, const char* source, const char*, int, const char**, const char**) {
  *p = new Program;
  (*p)->source = source;
  return 0;
}
int nvrtcCompileProgram(Program* p, int, const char**) {
  const char *dir = getenv("LATHE_EMULATE_DIR"), *lib = getenv("LATHE_EMULATE_LIB");
  if (!dir || !lib) return p->log = "LATHE_EMULATE_DIR or LATHE_EMULATE_LIB is not set", 6;
  char base[4096];
  snprintf(base, sizeof base, "%s/k%d-%p", dir, getpid(), (void*)p);
  string b = base;
  FILE* f = fopen((b + ".cpp").c_str(), "wb");
  if (!f) return p->log = "cannot write " + b, 6;
  fwrite(p->source.data(), 1, p->source.size(), f);
  fclose(f);
  string cmd = "g++ -std=c++17 -O1 -w -ffp-contract=off -shared -fPIC -include " + string(lib) + "/emulate.h -o " + b +
               ".so " + b + ".cpp > " + b + ".log 2>&1";
  int rc = system(cmd.c_str());
  p->log = read_all(b + ".log");
  string so = read_all(b + ".so");
  unsigned long long size = so.size();
  p->image = "emulated" + string((char*)&size, 8) + so;
  for (const char* e : {".cpp", ".so", ".log"}) unlink((b + e).c_str());
  return rc == 0 && size > 0 ? 0 : 6;
}
int nvrtcGetProgramLogSize(Program* p, size_t* n) { return *n = p->log.size() + 1, 0; }
int nvrtcGetProgramLog(Program* p, char* b) { return memcpy(b, p->log.c_str(), p->log.size() + 1), 0; }
int nvrtcGetCUBINSize(Program* p, size_t* n) { return *n = p->image.size(), 0; }
int nvrtcGetCUBIN(Program* p, char* b) { return memcpy(b, p->image.data(), p->image.size()), 0; }
int nvrtcGetPTXSize(Program* p, size_t* n) { return nvrtcGetCUBINSize(p, n); }
int nvrtcGetPTX(Program* p, char* b) { return nvrtcGetCUBIN(p, b); }
int nvrtcDestroyProgram(Program** p) { return delete *p, *p = 0, 0; }
}
