#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Messages live under a key, not in thread-local storage: Go's runtime makes that of the whole library static, of which
 * programs that load the library later, such as Octave, have a few hundred bytes left. */
enum { SIZE = 2048 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void make_key(void) { pthread_key_create(&key, free); }

void lathe_set_error(const char *text, size_t n) {
  pthread_once(&once, make_key);
  char *message = pthread_getspecific(key);
  if (!message) {
    message = malloc(SIZE);
    pthread_setspecific(key, message);
  }
  if (message) snprintf(message, SIZE, "%.*s", (int)(n < SIZE ? n : SIZE - 1), text);
}

const char *lathe_error(void) {
  pthread_once(&once, make_key);
  const char *message = pthread_getspecific(key);
  return message ? message : "";
}
