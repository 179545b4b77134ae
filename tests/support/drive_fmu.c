/* tests/support/drive_fmu.c - a simulator that loads an FMU's shared object and drives it
 *
 * usage: drive_fmu VERSION OBJECT TOKEN RESOURCES NINPUT values POLICY cs|me
 *        drive_fmu VERSION OBJECT TOKEN RESOURCES NINPUT rules
 *
 * It knows nothing of the program but the two standards: prototypes below are re-stated from them.
 * values: each line of the input is "REFERENCE X1 ... XN", the answer "STATUS VALUE STATUS D1 ...
 * DN", the value and its directional derivatives along each input.  rules: the sequence of calls,
 * refusals, snapshots, and eight instances in eight threads at once; silent when all is well. */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK, WARNING, DISCARD, ERROR, MAX_INPUT = 8 };
typedef void *handle;

typedef void (*logger2)(void *, const char *, int, const char *, const char *, ...);
typedef struct {
  logger2 log;
  void *(*allocate)(size_t, size_t);
  void (*release)(void *);
  void (*finished)(void *, int);
  void *environment;
} callbacks2;
typedef struct {
  int more, terminate, nominals, values, next;
  double time;
} events2;

/* A loaded FMU. */
typedef struct {
  void *so;
  int version, ninput;
  const char *token, *resources;
} fmu;

static int failures;

#define CHECK(good, ...)                                                                           \
  do {                                                                                             \
    if (!(good)) {                                                                                 \
      printf("%s:%d: ", __FILE__, __LINE__);                                                       \
      printf(__VA_ARGS__);                                                                         \
      putchar('\n');                                                                               \
      failures++;                                                                                  \
    }                                                                                              \
  } while (0)

/* A function by its name behind "fmi2" or "fmi3". */
static void *find(const fmu *f, const char *name)
{
  char full[64];
  void *symbol;

  snprintf(full, sizeof(full), "fmi%d%s", f->version, name);
  symbol = dlsym(f->so, full);
  if (!symbol) {
    printf("%s is missing\n", full);
    exit(1);
  }
  return symbol;
}

/* dlsym gives a pointer to data. */
#define CALL(f, name, ...)                                                                         \
  ((union {                                                                                        \
     void *from;                                                                                   \
     int (*to)(__VA_ARGS__);                                                                       \
   }){find(f, name)}                                                                               \
       .to)

/* Instances ------------------------------------------------------------------------------------ */

static void log2_words(void *environment, const char *instance, int status, const char *category,
                       const char *message, ...)
{
  (void)instance;
  (void)status;
  (void)category;
  if (environment && message) ++*(int *)environment;
}

static void log3_words(void *environment, int status, const char *category, const char *message)
{
  log2_words(environment, NULL, status, category, message);
}

static handle make(const fmu *f, bool exchange, const char *token, const char *resources,
                   int *messages)
{
  if (f->version == 2) {
    static _Thread_local callbacks2 callbacks; /* one instance at a time in a thread */
    char uri[4096];
    handle (*create)(const char *, int, const char *, const char *, const callbacks2 *, int, int);

    callbacks = (callbacks2){log2_words, calloc, free, NULL, messages};
    snprintf(uri, sizeof(uri), "file://%s", resources);
    *(void **)&create = find(f, "Instantiate");
    return create("one", exchange ? 0 : 1, token, uri, &callbacks, 0, 1);
  }
  if (exchange) {
    handle (*create)(const char *, const char *, const char *, bool, bool, void *,
                     void (*)(void *, int, const char *, const char *));

    *(void **)&create = find(f, "InstantiateModelExchange");
    return create("one", token, resources, false, true, messages, log3_words);
  } else {
    handle (*create)(const char *, const char *, const char *, bool, bool, bool, bool,
                     const uint32_t *, size_t, void *,
                     void (*)(void *, int, const char *, const char *), void *);

    *(void **)&create = find(f, "InstantiateCoSimulation");
    return create("one", token, resources, false, true, false, false, NULL, 0, messages, log3_words,
                  NULL);
  }
}

static void drop(const fmu *f, handle c)
{
  void (*release)(handle);

  *(void **)&release = find(f, "FreeInstance");
  release(c);
}

/* Calls ---------------------------------------------------------------------------------------- */

static int plain(const fmu *f, handle c, const char *name)
{
  return CALL(f, name, handle)(c);
}

static int begin(const fmu *f, handle c)
{
  if (f->version == 3)
    return CALL(f, "EnterInitializationMode", handle, bool, double, double, bool,
                double)(c, false, 0.0, 0.0, false, 0.0);
  if (CALL(f, "SetupExperiment", handle, int, double, double, int, double)(c, 0, 0.0, 0.0, 0, 0.0))
    return ERROR;
  return plain(f, c, "EnterInitializationMode");
}

static int get(const fmu *f, handle c, unsigned reference, double *value)
{
  const uint32_t vr = reference;

  if (f->version == 2)
    return CALL(f, "GetReal", handle, const uint32_t *, size_t, double *)(c, &vr, 1, value);
  return CALL(f, "GetFloat64", handle, const uint32_t *, size_t, double *, size_t)(c, &vr, 1, value,
                                                                                   1);
}

static int set(const fmu *f, handle c, unsigned reference, double value)
{
  const uint32_t vr = reference;

  if (f->version == 2)
    return CALL(f, "SetReal", handle, const uint32_t *, size_t, const double *)(c, &vr, 1, &value);
  return CALL(f, "SetFloat64", handle, const uint32_t *, size_t, const double *, size_t)(c, &vr, 1,
                                                                                         &value, 1);
}

static int set_policy(const fmu *f, handle c, int policy)
{
  const uint32_t vr = 1U + (unsigned)f->ninput;
  const int64_t wide = policy;

  if (f->version == 2)
    return CALL(f, "SetInteger", handle, const uint32_t *, size_t, const int *)(c, &vr, 1, &policy);
  return CALL(f, "SetInt64", handle, const uint32_t *, size_t, const int64_t *, size_t)(c, &vr, 1,
                                                                                        &wide, 1);
}

static int derivative(const fmu *f, handle c, unsigned unknown, unsigned n, const double seed[],
                      double *value)
{
  const uint32_t of = unknown;
  uint32_t by[MAX_INPUT];

  for (unsigned i = 0; i < n; i++) by[i] = i + 1;
  if (f->version == 2)
    return CALL(f, "GetDirectionalDerivative", handle, const uint32_t *, size_t, const uint32_t *,
                size_t, const double *, double *)(c, &of, 1, by, n, seed, value);
  return CALL(f, "GetDirectionalDerivative", handle, const uint32_t *, size_t, const uint32_t *,
              size_t, const double *, size_t, double *,
              size_t)(c, &of, 1, by, n, seed, n, value, 1);
}

static int step(const fmu *f, handle c, double at, double h, double *reached)
{
  bool event, terminate, early;

  if (f->version == 3)
    return CALL(f, "DoStep", handle, double, double, bool, bool *, bool *, bool *,
                double *)(c, at, h, true, &event, &terminate, &early, reached);
  *reached = at + h;
  return CALL(f, "DoStep", handle, double, double, int)(c, at, h, 1);
}

static int update(const fmu *f, handle c)
{
  events2 events = {1, 1, 1, 1, 1, 1.0};
  bool b[5] = {true, true, true, true, true};
  double next;
  int status;

  if (f->version == 2) {
    status = CALL(f, "NewDiscreteStates", handle, events2 *)(c, &events);
    return status == OK && (events.more || events.terminate || events.next) ? ERROR : status;
  }
  status = CALL(f, "UpdateDiscreteStates", handle, bool *, bool *, bool *, bool *, bool *,
                double *)(c, &b[0], &b[1], &b[2], &b[3], &b[4], &next);
  return status == OK && (b[0] || b[1] || b[2] || b[3] || b[4]) ? ERROR : status;
}

/* Values --------------------------------------------------------------------------------------- */

/* Ready for questions: CS in its step mode, ME in continuous time. */
static handle ready(const fmu *f, bool exchange, int policy, int *messages)
{
  handle c = make(f, exchange, f->token, f->resources, messages);

  if (!c || set_policy(f, c, policy) || begin(f, c) || plain(f, c, "ExitInitializationMode") ||
      (exchange && (update(f, c) || plain(f, c, "EnterContinuousTimeMode")))) {
    printf("no instance\n");
    exit(1);
  }
  return c;
}

static void answer(const fmu *f, handle c, unsigned reference)
{
  double value = 0.0, d[MAX_INPUT] = {0}, seed[MAX_INPUT];
  const int status = get(f, c, reference, &value);
  int worst = 0;

  for (int i = 0; i < f->ninput; i++) {
    memset(seed, 0, sizeof(seed));
    seed[i] = 2.0; /* linear in the seed */
    const int s = derivative(f, c, reference, (unsigned)f->ninput, seed, &d[i]);

    if (s > worst) worst = s;
  }
  printf("%d %.17g %d", status, value, worst);
  for (int i = 0; i < f->ninput; i++) printf(" %.17g", d[i] / 2.0);
  putchar('\n');
}

static void values(const fmu *f, int policy, bool exchange)
{
  int messages = 0;
  handle c = ready(f, exchange, policy, &messages);
  unsigned reference;

  while (scanf("%u", &reference) == 1) {
    for (int i = 0; i < f->ninput; i++) {
      double x;

      if (scanf("%lf", &x) != 1 || set(f, c, 1U + (unsigned)i, x)) exit(1);
    }
    answer(f, c, reference);
  }
  drop(f, c);
}

/* Rules ---------------------------------------------------------------------------------------- */

static void refusals(const fmu *f)
{
  int said = 0;
  char there[4096];

  CHECK(!make(f, false, "{another}", f->resources, &said) && said == 1, "a wrong token is taken");
  CHECK(!make(f, true, "", f->resources, &said) && said == 2, "an empty token is taken");
  CHECK(!make(f, false, f->token, "/nowhere", &said) && said == 3, "a wrong folder is taken");
  snprintf(there, sizeof(there), "%s/..", f->resources);
  CHECK(!make(f, false, f->token, there, &said) && said == 4, "a folder without table is taken");
  snprintf(there, sizeof(there), "%s/", f->resources);
  handle c = make(f, false, f->token, there, NULL);
  CHECK(c, "a folder with a slash behind is refused");
  if (c) drop(f, c);
}

static void order(const fmu *f, bool exchange)
{
  const unsigned output = 2U + (unsigned)f->ninput;
  int said = 0;
  double x, reached;
  handle c = make(f, exchange, f->token, f->resources, &said);

  CHECK(c, "no instance");
  CHECK(get(f, c, output, &x) == ERROR && said == 1, "an output before initialization");
  CHECK(step(f, c, 0.0, 1.0, &reached) == ERROR, "a step before initialization");
  CHECK(plain(f, c, "ExitInitializationMode") == ERROR, "leaves what it never entered");
  CHECK(plain(f, c, "Terminate") == ERROR, "terminates before it began");
  CHECK(set(f, c, 1, 0.3) == OK, "an input before initialization");
  CHECK(set_policy(f, c, 4) == ERROR && set_policy(f, c, 0) == ERROR, "policies that are none");
  CHECK(set_policy(f, c, 2) == OK, "the policy before initialization");
  CHECK(begin(f, c) == OK, "initialization");
  CHECK(plain(f, c, "EnterInitializationMode") == ERROR || f->version == 3, "enters twice");
  CHECK(get(f, c, output, &x) == OK && isfinite(x), "an output in initialization");
  CHECK(plain(f, c, "ExitInitializationMode") == OK, "end of initialization");
  CHECK(set_policy(f, c, 1) == ERROR, "a fixed parameter changes");
  CHECK(set(f, c, output, 1.0) == ERROR, "an output is set");
  CHECK(set(f, c, 1, (double)NAN) == ERROR, "an input that is no number");
  CHECK(get(f, c, 1, &x) == OK && x == 0.3, "a refused call changed the input to %g", x);
  CHECK(get(f, c, 100000, &x) == ERROR, "a variable that is none");
  if (exchange) {
    CHECK(step(f, c, 0.0, 1.0, &reached) == ERROR, "a step in Model Exchange");
    CHECK(update(f, c) == OK && plain(f, c, "EnterContinuousTimeMode") == OK, "continuous time");
    CHECK(update(f, c) == ERROR, "discrete states in continuous time");
    CHECK(CALL(f, "SetTime", handle, double)(c, 2.5) == OK && get(f, c, 0, &x) == OK && x == 2.5,
          "time is %g", x);
    CHECK(plain(f, c, "EnterEventMode") == OK, "event mode");
  } else {
    CHECK(step(f, c, 0.0, 0.5, &reached) == OK && reached == 0.5, "a step to %g", reached);
    CHECK(get(f, c, 0, &x) == OK && x == 0.5, "time is %g", x);
    CHECK(step(f, c, 0.5, -1.0, &reached) == ERROR, "a step backwards");
    CHECK(plain(f, c, "EnterContinuousTimeMode") == ERROR, "continuous time in Co-Simulation");
  }
  CHECK(plain(f, c, "Terminate") == OK, "the end");
  CHECK(get(f, c, output, &x) == OK, "an output at the end");
  CHECK(set(f, c, 1, 0.4) == ERROR, "an input behind the end");
  CHECK(plain(f, c, "Reset") == OK && begin(f, c) == OK, "once more");
  CHECK(get(f, c, 1, &x) == OK && x != 0.3, "the start value after a reset");
  drop(f, c);
  drop(f, NULL);
}

/* Outside the table: by policy, and a word for each excursion. */
static void outside(const fmu *f, bool exchange)
{
  const unsigned output = 2U + (unsigned)f->ninput, kelvin = (unsigned)f->ninput;
  double x, y;

  for (int policy = 1; policy <= 3; policy++) {
    int said = 0;
    handle c = ready(f, exchange, policy, &said);

    CHECK(set(f, c, kelvin, 1e4) == OK, "an input outside");
    if (policy == 1) {
      CHECK(get(f, c, output, &x) == (exchange ? DISCARD : ERROR) && said == 1, "it is taken");
    } else {
      CHECK(get(f, c, output, &x) == WARNING && said == 1, "no warning");
      CHECK(get(f, c, output, &y) == OK && y == x && said == 1, "warnings without end");
      CHECK(set(f, c, kelvin, 1000.0) == OK && get(f, c, output, &y) == OK, "back inside");
      CHECK(set(f, c, kelvin, 1e4) == OK && get(f, c, output, &y) == WARNING, "out again");
    }
    drop(f, c);
  }
}

static void snapshot(const fmu *f)
{
  void *state = NULL;
  int said = 0;
  double x;
  handle c = ready(f, false, 1, &said);
  const char *const name[3] = {f->version == 2 ? "GetFMUstate" : "GetFMUState",
                               f->version == 2 ? "SetFMUstate" : "SetFMUState",
                               f->version == 2 ? "FreeFMUstate" : "FreeFMUState"};

  CHECK(set(f, c, 1, 0.3) == OK && CALL(f, name[0], handle, void **)(c, &state) == OK, "kept");
  CHECK(set(f, c, 1, 0.4) == OK && CALL(f, name[1], handle, void *)(c, state) == OK, "restored");
  CHECK(get(f, c, 1, &x) == OK && x == 0.3, "restored %g", x);
  CHECK(CALL(f, name[2], handle, void **)(c, &state) == OK && !state, "freed");
  drop(f, c);
}

typedef struct {
  const fmu *f;
  int number;
  double sum;
} job;

static void *work(void *argument)
{
  job *j = argument;
  int said = 0;
  handle c = ready(j->f, j->number % 2 == 0, 2, &said);
  const unsigned output = 2U + (unsigned)j->f->ninput;

  for (int k = 0; k < 20000; k++) {
    double x = 0.0;

    if (set(j->f, c, (unsigned)j->f->ninput, 900.0 + (double)(k * (j->number % 4 + 1) % 300)) ||
        get(j->f, c, output, &x))
      return NULL;
    j->sum += x;
  }
  drop(j->f, c);
  return NULL;
}

/* Instances in threads do not meet: 0..3 and 4..7 do the same. */
static void threads(const fmu *f)
{
  pthread_t thread[8];
  job jobs[8];

  for (int i = 0; i < 8; i++) {
    jobs[i] = (job){f, i, 0.0};
    if (pthread_create(&thread[i], NULL, work, &jobs[i])) exit(1);
  }
  for (int i = 0; i < 8; i++) pthread_join(thread[i], NULL);
  for (int i = 0; i < 4; i++)
    CHECK(jobs[i].sum == jobs[i + 4].sum && jobs[i].sum != 0.0, "threads %d and %d: %g, %g", i,
          i + 4, jobs[i].sum, jobs[i + 4].sum);
}

int main(int argc, char **argv)
{
  fmu f;

  if (argc < 7) return 2;
  f = (fmu){NULL, (int)strtol(argv[1], NULL, 10), (int)strtol(argv[5], NULL, 10), argv[3], argv[4]};
  f.so = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
  if (!f.so || f.ninput < 2 || f.ninput > MAX_INPUT) {
    printf("%s\n", f.so ? "inputs" : dlerror());
    return 2;
  }
  if (strcmp(argv[6], "values") == 0 && argc == 9) {
    values(&f, (int)strtol(argv[7], NULL, 10), strcmp(argv[8], "me") == 0);
  } else {
    refusals(&f);
    for (int exchange = 0; exchange < 2; exchange++) {
      order(&f, exchange);
      outside(&f, exchange);
    }
    snapshot(&f);
    threads(&f);
  }
  return failures > 0;
}
