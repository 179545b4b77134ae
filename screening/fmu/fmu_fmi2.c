/* fmu_fmi2.c - FMI 2.0 over a table: Model Exchange without states, and Co-Simulation
 *
 * Outputs are functions of the inputs alone, computed when they are asked for.  Outside the table
 * or beside a hole a question ends with fmi2Discard in Model Exchange, where a solver may try
 * again, and with fmi2Error in Co-Simulation.  A refused call changes nothing. */
#include "fmu_fmi2.h"
#include "fmu_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef FMI2_FUNCTION_PREFIX
#include "fmu_fmi2_prefix.h"
#endif

/* Prototypes are the standard's. */
// NOLINTBEGIN(readability-non-const-parameter,readability-function-size)

typedef struct {
  fmu_model model;
  const fmi2CallbackFunctions *callbacks;
  char *name;
} instance2;

/* Words to the environment --------------------------------------------------------------------- */

static void tell2(const fmi2CallbackFunctions *callbacks, const char *name, fmi2Status status,
                  const char *message)
{
  if (callbacks && callbacks->logger)
    callbacks->logger(callbacks->componentEnvironment, name, status,
                      status == fmi2Warning ? "logStatusWarning" : "logStatusError", "%s", message);
}

/* The status of an answer, with its message told. */
static fmi2Status answer2(const instance2 *i, fmu_answer answer)
{
  fmi2Status status = fmi2OK;

  if (answer == FMU_OK) return fmi2OK;
  if (answer == FMU_WARNED)
    status = fmi2Warning;
  else if (answer == FMU_NOWHERE && i->model.exchange)
    status = fmi2Discard;
  else
    status = fmi2Error;
  tell2(i->callbacks, i->name, status, i->model.message);
  return status;
}

static fmi2Status refuse2(const instance2 *i, const char *message)
{
  if (i) tell2(i->callbacks, i->name, fmi2Error, message);
  return fmi2Error;
}

/* Whether a function may be called now. */
static fmi2Status allow2(instance2 *i, const char *function, int modes)
{
  return i ? answer2(i, fmu_model_allow(&i->model, function, modes)) : fmi2Error;
}

/* From one mode to another. */
static fmi2Status move2(instance2 *i, const char *function, int from, fmu_mode to)
{
  const fmi2Status status = allow2(i, function, from);

  if (status == fmi2OK) i->model.state.mode = to;
  return status;
}

/* Instances ------------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Path of a file: URI (RFC 8089: file:/path, file:///path, file://localhost/path); NULL: none. */
static char *path_of_uri(const char *uri)
{
  const char *from = uri;
  char *path, *to;

  if (!uri || strncmp(uri, "file:", 5) != 0) return NULL;
  from += 5;
  if (strncmp(from, "//", 2) == 0) from += 2;
  if (strncmp(from, "localhost/", 10) == 0) from += 9;
  if (*from != '/') return NULL;
  path = to = malloc(strlen(from) + 1);
  if (!path) return NULL;
  for (; *from; from++) {
    if (from[0] == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
      *to++ = (char)(16 * hex_digit(from[1]) + hex_digit(from[2]));
      from += 2;
    } else {
      *to++ = *from;
    }
  }
  *to = 0;
  return path;
}

static void destroy2(instance2 *i)
{
  fmu_model_close(&i->model);
  free(i->name);
  free(i);
}

FMI2_VISIBLE fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid,
                                           fmi2String resources,
                                           const fmi2CallbackFunctions *callbacks,
                                           fmi2Boolean visible, fmi2Boolean logging)
{
  instance2 *i = calloc(1, sizeof(*i));
  char *path = path_of_uri(resources);
  bool good = false;

  (void)visible;
  (void)logging; /* warnings and errors are told always, there is nothing else */
  if (i && name && name[0] && (i->name = calloc(strlen(name) + 1, 1)))
    memcpy(i->name, name, strlen(name) + 1);
  if (!i || !i->name)
    tell2(callbacks, "", fmi2Error, "the instance has no name, or there is no memory");
  else if (!guid || !path)
    tell2(callbacks, i->name, fmi2Error, "no GUID, or resources that are no file: URI");
  else
    good = fmu_model_open(&i->model, path, guid);
  if (i && i->name && guid && path && !good) tell2(callbacks, i->name, fmi2Error, i->model.message);
  free(path);
  if (!good) {
    if (i) destroy2(i);
    return NULL;
  }
  i->callbacks = callbacks;
  i->model.exchange = type == fmi2ModelExchange;
  return i;
}

FMI2_VISIBLE void fmi2FreeInstance(fmi2Component c)
{
  if (c) destroy2(c);
}

FMI2_VISIBLE const char *fmi2GetTypesPlatform(void)
{
  return "default";
}

FMI2_VISIBLE const char *fmi2GetVersion(void)
{
  return "2.0";
}

FMI2_VISIBLE fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n,
                                            const fmi2String categories[])
{
  (void)on;
  (void)n;
  (void)categories;
  return c ? fmi2OK : fmi2Error;
}

/* Modes ---------------------------------------------------------------------------------------- */

FMI2_VISIBLE fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean tolerance_defined,
                                            fmi2Real tolerance, fmi2Real start,
                                            fmi2Boolean stop_defined, fmi2Real stop)
{
  instance2 *i = c;
  const fmi2Status status = allow2(i, "fmi2SetupExperiment", FMU_INSTANTIATED);

  (void)tolerance_defined;
  (void)tolerance;
  (void)stop_defined;
  (void)stop;
  if (status == fmi2OK) i->model.state.time = start;
  return status;
}

FMI2_VISIBLE fmi2Status fmi2EnterInitializationMode(fmi2Component c)
{
  return move2(c, "fmi2EnterInitializationMode", FMU_INSTANTIATED, FMU_INITIALIZATION);
}

FMI2_VISIBLE fmi2Status fmi2ExitInitializationMode(fmi2Component c)
{
  instance2 *i = c;

  return move2(i, "fmi2ExitInitializationMode", FMU_INITIALIZATION,
               i && i->model.exchange ? FMU_EVENT : FMU_STEP);
}

FMI2_VISIBLE fmi2Status fmi2Terminate(fmi2Component c)
{
  return move2(c, "fmi2Terminate", FMU_EVENT | FMU_CONTINUOUS | FMU_STEP, FMU_TERMINATED);
}

FMI2_VISIBLE fmi2Status fmi2Reset(fmi2Component c)
{
  instance2 *i = c;

  if (!i) return fmi2Error;
  fmu_model_reset(&i->model);
  return fmi2OK;
}

FMI2_VISIBLE fmi2Status fmi2EnterEventMode(fmi2Component c)
{
  return move2(c, "fmi2EnterEventMode", FMU_CONTINUOUS | FMU_EVENT, FMU_EVENT);
}

FMI2_VISIBLE fmi2Status fmi2NewDiscreteStates(fmi2Component c, fmi2EventInfo *info)
{
  const fmi2Status status = allow2(c, "fmi2NewDiscreteStates", FMU_EVENT);

  if (status == fmi2OK) *info = (fmi2EventInfo){0};
  return status;
}

FMI2_VISIBLE fmi2Status fmi2EnterContinuousTimeMode(fmi2Component c)
{
  return move2(c, "fmi2EnterContinuousTimeMode", FMU_EVENT, FMU_CONTINUOUS);
}

FMI2_VISIBLE fmi2Status fmi2CompletedIntegratorStep(fmi2Component c, fmi2Boolean no_set_prior,
                                                    fmi2Boolean *enter_event,
                                                    fmi2Boolean *terminate)
{
  const fmi2Status status = allow2(c, "fmi2CompletedIntegratorStep", FMU_CONTINUOUS);

  (void)no_set_prior;
  if (status == fmi2OK) *enter_event = *terminate = fmi2False;
  return status;
}

FMI2_VISIBLE fmi2Status fmi2SetTime(fmi2Component c, fmi2Real time)
{
  instance2 *i = c;
  const fmi2Status status = allow2(i, "fmi2SetTime", FMU_EVENT | FMU_CONTINUOUS);

  if (status == fmi2OK) i->model.state.time = time;
  return status;
}

FMI2_VISIBLE fmi2Status fmi2DoStep(fmi2Component c, fmi2Real at, fmi2Real step,
                                   fmi2Boolean no_set_prior)
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2DoStep", FMU_STEP);

  (void)no_set_prior;
  if (status != fmi2OK) return status;
  if (!(step >= 0.0) || !isfinite(at + step)) return refuse2(i, "fmi2DoStep: no such step");
  status = answer2(i, fmu_model_check(&i->model));
  if (status <= fmi2Warning) i->model.state.time = at + step;
  return status;
}

FMI2_VISIBLE fmi2Status fmi2CancelStep(fmi2Component c)
{
  return refuse2(c, "fmi2CancelStep: steps end when they return");
}

/* Variables ------------------------------------------------------------------------------------ */

/* The worse of two. */
static fmi2Status worse2(fmi2Status a, fmi2Status b)
{
  return a > b ? a : b;
}

FMI2_VISIBLE fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference reference[], size_t n,
                                    fmi2Real value[])
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2GetReal", FMU_READABLE);

  for (size_t k = 0; k < n && status <= fmi2Warning; k++)
    status = worse2(status, answer2(i, fmu_model_get(&i->model, reference[k], &value[k])));
  return status;
}

FMI2_VISIBLE fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference reference[], size_t n,
                                    const fmi2Real value[])
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2SetReal", ~(int)FMU_TERMINATED);

  for (size_t k = 0; k < n && status == fmi2OK; k++)
    status = answer2(i, fmu_model_set(&i->model, reference[k], value[k]));
  return status;
}

FMI2_VISIBLE fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference reference[],
                                       size_t n, fmi2Integer value[])
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2GetInteger", FMU_READABLE);

  for (size_t k = 0; k < n && status == fmi2OK; k++) {
    long long policy = 0;

    status = answer2(i, fmu_model_get_policy(&i->model, reference[k], &policy));
    if (status == fmi2OK) value[k] = (fmi2Integer)policy;
  }
  return status;
}

FMI2_VISIBLE fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference reference[],
                                       size_t n, const fmi2Integer value[])
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2SetInteger", ~(int)FMU_TERMINATED);

  for (size_t k = 0; k < n && status == fmi2OK; k++)
    status = answer2(i, fmu_model_set_policy(&i->model, reference[k], value[k]));
  return status;
}

/* Of kinds that no variable has. */
static fmi2Status none2(instance2 *i, size_t n)
{
  return n == 0 && i ? fmi2OK : refuse2(i, "there is no variable of this type");
}

FMI2_VISIBLE fmi2Status fmi2GetBoolean(fmi2Component c, const fmi2ValueReference reference[],
                                       size_t n, fmi2Boolean value[])
{
  (void)reference;
  (void)value;
  return none2(c, n);
}

FMI2_VISIBLE fmi2Status fmi2SetBoolean(fmi2Component c, const fmi2ValueReference reference[],
                                       size_t n, const fmi2Boolean value[])
{
  (void)reference;
  (void)value;
  return none2(c, n);
}

FMI2_VISIBLE fmi2Status fmi2GetString(fmi2Component c, const fmi2ValueReference reference[],
                                      size_t n, fmi2String value[])
{
  (void)reference;
  (void)value;
  return none2(c, n);
}

FMI2_VISIBLE fmi2Status fmi2SetString(fmi2Component c, const fmi2ValueReference reference[],
                                      size_t n, const fmi2String value[])
{
  (void)reference;
  (void)value;
  return none2(c, n);
}

FMI2_VISIBLE fmi2Status fmi2GetDirectionalDerivative(
    fmi2Component c, const fmi2ValueReference unknown[], size_t nunknown,
    const fmi2ValueReference known[], size_t nknown, const fmi2Real seed[], fmi2Real sensitivity[])
{
  instance2 *i = c;
  fmi2Status status = allow2(i, "fmi2GetDirectionalDerivative", FMU_READABLE);

  for (size_t u = 0; u < nunknown && status <= fmi2Warning; u++) {
    double sum = 0.0, partial;

    for (size_t k = 0; k < nknown && status <= fmi2Warning; k++) {
      status =
          worse2(status, answer2(i, fmu_model_partial(&i->model, unknown[u], known[k], &partial)));
      sum += partial * seed[k];
    }
    sensitivity[u] = sum;
  }
  return status;
}

/* Snapshots ------------------------------------------------------------------------------------ */

FMI2_VISIBLE fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *state)
{
  instance2 *i = c;

  if (!i || !state) return fmi2Error;
  if (!*state) *state = malloc(sizeof(fmu_state));
  if (!*state) return refuse2(i, "no memory");
  memcpy(*state, &i->model.state, sizeof(fmu_state));
  return fmi2OK;
}

FMI2_VISIBLE fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate state)
{
  instance2 *i = c;

  if (!i || !state) return refuse2(i, "fmi2SetFMUstate: no state");
  memcpy(&i->model.state, state, sizeof(fmu_state));
  return fmi2OK;
}

FMI2_VISIBLE fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *state)
{
  if (!c) return fmi2Error;
  if (state) {
    free(*state);
    *state = NULL;
  }
  return fmi2OK;
}

static const char no_bytes2[] = "states of this FMU are not serialized";

FMI2_VISIBLE fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate state,
                                                   size_t *size)
{
  (void)state;
  (void)size;
  return refuse2(c, no_bytes2);
}

FMI2_VISIBLE fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate state, fmi2Byte bytes[],
                                              size_t size)
{
  (void)state;
  (void)bytes;
  (void)size;
  return refuse2(c, no_bytes2);
}

FMI2_VISIBLE fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte bytes[],
                                                size_t size, fmi2FMUstate *state)
{
  (void)bytes;
  (void)size;
  (void)state;
  return refuse2(c, no_bytes2);
}

/* Continuous states and events, of which there are none ---------------------------------------- */

static fmi2Status nothing2(instance2 *i, const char *function, int modes, size_t n)
{
  const fmi2Status status = allow2(i, function, modes);

  return status == fmi2OK && n > 0 ? refuse2(i, "there are no states and no events") : status;
}

FMI2_VISIBLE fmi2Status fmi2SetContinuousStates(fmi2Component c, const fmi2Real x[], size_t n)
{
  (void)x;
  return nothing2(c, "fmi2SetContinuousStates", FMU_CONTINUOUS, n);
}

FMI2_VISIBLE fmi2Status fmi2GetDerivatives(fmi2Component c, fmi2Real derivatives[], size_t n)
{
  (void)derivatives;
  return nothing2(c, "fmi2GetDerivatives", FMU_READABLE, n);
}

FMI2_VISIBLE fmi2Status fmi2GetEventIndicators(fmi2Component c, fmi2Real indicators[], size_t n)
{
  (void)indicators;
  return nothing2(c, "fmi2GetEventIndicators", FMU_READABLE, n);
}

FMI2_VISIBLE fmi2Status fmi2GetContinuousStates(fmi2Component c, fmi2Real x[], size_t n)
{
  (void)x;
  return nothing2(c, "fmi2GetContinuousStates", FMU_READABLE, n);
}

FMI2_VISIBLE fmi2Status fmi2GetNominalsOfContinuousStates(fmi2Component c, fmi2Real nominals[],
                                                          size_t n)
{
  (void)nominals;
  return nothing2(c, "fmi2GetNominalsOfContinuousStates", FMU_READABLE | FMU_INSTANTIATED, n);
}

/* Derivatives by time, and questions while a step runs, which it never does ------------------- */

FMI2_VISIBLE fmi2Status fmi2SetRealInputDerivatives(fmi2Component c,
                                                    const fmi2ValueReference reference[], size_t n,
                                                    const fmi2Integer order[],
                                                    const fmi2Real value[])
{
  (void)reference;
  (void)order;
  (void)value;
  return n == 0 && c ? fmi2OK : refuse2(c, "inputs are not interpolated in time");
}

FMI2_VISIBLE fmi2Status fmi2GetRealOutputDerivatives(fmi2Component c,
                                                     const fmi2ValueReference reference[], size_t n,
                                                     const fmi2Integer order[], fmi2Real value[])
{
  (void)reference;
  (void)order;
  (void)value;
  return n == 0 && c ? fmi2OK : refuse2(c, "outputs have no derivatives by time");
}

static const char no_pending2[] = "no step is pending";

FMI2_VISIBLE fmi2Status fmi2GetStatus(fmi2Component c, fmi2StatusKind kind, fmi2Status *value)
{
  (void)kind;
  (void)value;
  (void)refuse2(c, no_pending2);
  return fmi2Discard;
}

FMI2_VISIBLE fmi2Status fmi2GetRealStatus(fmi2Component c, fmi2StatusKind kind, fmi2Real *value)
{
  const instance2 *i = c;

  if (i && kind == fmi2LastSuccessfulTime) {
    *value = i->model.state.time;
    return fmi2OK;
  }
  (void)refuse2(c, no_pending2);
  return fmi2Discard;
}

FMI2_VISIBLE fmi2Status fmi2GetIntegerStatus(fmi2Component c, fmi2StatusKind kind,
                                             fmi2Integer *value)
{
  (void)kind;
  (void)value;
  (void)refuse2(c, no_pending2);
  return fmi2Discard;
}

FMI2_VISIBLE fmi2Status fmi2GetBooleanStatus(fmi2Component c, fmi2StatusKind kind,
                                             fmi2Boolean *value)
{
  if (c && kind == fmi2Terminated) {
    *value = fmi2False;
    return fmi2OK;
  }
  (void)refuse2(c, no_pending2);
  return fmi2Discard;
}

FMI2_VISIBLE fmi2Status fmi2GetStringStatus(fmi2Component c, fmi2StatusKind kind, fmi2String *value)
{
  (void)kind;
  (void)value;
  (void)refuse2(c, no_pending2);
  return fmi2Discard;
}
// NOLINTEND(readability-non-const-parameter,readability-function-size)
