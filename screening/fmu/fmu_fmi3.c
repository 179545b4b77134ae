/* fmu_fmi3.c - FMI 3.0 over a table: Model Exchange without states, and Co-Simulation
 *
 * Outputs are functions of the inputs alone, computed when they are asked for.  Outside the table
 * or beside a hole a question ends with fmi3Discard in Model Exchange, where a solver may try
 * again, and with fmi3Error in Co-Simulation.  A refused call changes nothing. */
#include "fmu_fmi3.h"
#include "fmu_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(FMI3_FUNCTION_PREFIX) && !defined(FMI3_OVERRIDE_FUNCTION_PREFIX)
#include "fmu_fmi3_prefix.h"
#endif

/* Prototypes are the standard's. */
// NOLINTBEGIN(readability-non-const-parameter,readability-function-size)

typedef struct {
  fmu_model model;
  fmi3InstanceEnvironment environment;
  fmi3LogMessageCallback log;
} instance3;

/* Words to the environment --------------------------------------------------------------------- */

static void tell3(const instance3 *i, fmi3Status status, const char *message)
{
  if (i && i->log)
    i->log(i->environment, status, status == fmi3Warning ? "logStatusWarning" : "logStatusError",
           message);
}

/* The status of an answer, with its message told. */
static fmi3Status answer3(const instance3 *i, fmu_answer answer)
{
  fmi3Status status = fmi3OK;

  if (answer == FMU_OK) return fmi3OK;
  if (answer == FMU_WARNED)
    status = fmi3Warning;
  else if (answer == FMU_NOWHERE && i->model.exchange)
    status = fmi3Discard;
  else
    status = fmi3Error;
  tell3(i, status, i->model.message);
  return status;
}

static fmi3Status refuse3(const instance3 *i, const char *message)
{
  tell3(i, fmi3Error, message);
  return fmi3Error;
}

/* Whether a function may be called now. */
static fmi3Status allow3(instance3 *i, const char *function, int modes)
{
  return i ? answer3(i, fmu_model_allow(&i->model, function, modes)) : fmi3Error;
}

/* From one mode to another. */
static fmi3Status move3(instance3 *i, const char *function, int from, fmu_mode to)
{
  const fmi3Status status = allow3(i, function, from);

  if (status == fmi3OK) i->model.state.mode = to;
  return status;
}

/* The worse of two. */
static fmi3Status worse3(fmi3Status a, fmi3Status b)
{
  return a > b ? a : b;
}

/* Instances ------------------------------------------------------------------------------------ */

static instance3 *create3(fmi3String name, fmi3String token, fmi3String resources,
                          fmi3InstanceEnvironment environment, fmi3LogMessageCallback log)
{
  instance3 *i = calloc(1, sizeof(*i));

  if (!i) return NULL;
  i->environment = environment;
  i->log = log;
  if (!name || !name[0] || !token || !resources)
    (void)refuse3(i, "no instance name, no instantiation token or no path of resources");
  else if (fmu_model_open(&i->model, resources, token))
    return i;
  else
    (void)refuse3(i, i->model.message);
  free(i);
  return NULL;
}

FMI3_VISIBLE fmi3Instance fmi3InstantiateModelExchange(fmi3String name, fmi3String token,
                                                       fmi3String resources, fmi3Boolean visible,
                                                       fmi3Boolean logging,
                                                       fmi3InstanceEnvironment environment,
                                                       fmi3LogMessageCallback log)
{
  instance3 *i = create3(name, token, resources, environment, log);

  (void)visible;
  (void)logging; /* warnings and errors are told always, there is nothing else */
  if (i) i->model.exchange = true;
  return i;
}

FMI3_VISIBLE fmi3Instance
fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources,
                            fmi3Boolean visible, fmi3Boolean logging, fmi3Boolean event_mode,
                            fmi3Boolean early_return, const fmi3ValueReference intermediate[],
                            size_t nintermediate, fmi3InstanceEnvironment environment,
                            fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update)
{
  const instance3 teller = {.environment = environment, .log = log};

  (void)visible;
  (void)logging;
  (void)early_return;
  (void)intermediate;
  (void)update;
  if (event_mode || nintermediate > 0) {
    (void)refuse3(&teller, "there is no event mode and no intermediate update in Co-Simulation");
    return NULL;
  }
  return create3(name, token, resources, environment, log);
}

FMI3_VISIBLE fmi3Instance fmi3InstantiateScheduledExecution(
    fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3InstanceEnvironment environment, fmi3LogMessageCallback log,
    fmi3ClockUpdateCallback clock_update, fmi3LockPreemptionCallback lock,
    fmi3UnlockPreemptionCallback unlock)
{
  const instance3 teller = {.environment = environment, .log = log};

  (void)name;
  (void)token;
  (void)resources;
  (void)visible;
  (void)logging;
  (void)clock_update;
  (void)lock;
  (void)unlock;
  (void)refuse3(&teller, "this FMU has no Scheduled Execution");
  return NULL;
}

FMI3_VISIBLE void fmi3FreeInstance(fmi3Instance c)
{
  instance3 *i = c;

  if (!i) return;
  fmu_model_close(&i->model);
  free(i);
}

FMI3_VISIBLE const char *fmi3GetVersion(void)
{
  return "3.0";
}

FMI3_VISIBLE fmi3Status fmi3SetDebugLogging(fmi3Instance c, fmi3Boolean on, size_t n,
                                            const fmi3String categories[])
{
  (void)on;
  (void)n;
  (void)categories;
  return c ? fmi3OK : fmi3Error;
}

/* Modes ---------------------------------------------------------------------------------------- */

FMI3_VISIBLE fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean tolerance_defined,
                                                    fmi3Float64 tolerance, fmi3Float64 start,
                                                    fmi3Boolean stop_defined, fmi3Float64 stop)
{
  instance3 *i = c;
  const fmi3Status status =
      move3(i, "fmi3EnterInitializationMode", FMU_INSTANTIATED, FMU_INITIALIZATION);

  (void)tolerance_defined;
  (void)tolerance;
  (void)stop_defined;
  (void)stop;
  if (status == fmi3OK) i->model.state.time = start;
  return status;
}

FMI3_VISIBLE fmi3Status fmi3ExitInitializationMode(fmi3Instance c)
{
  instance3 *i = c;

  return move3(i, "fmi3ExitInitializationMode", FMU_INITIALIZATION,
               i && i->model.exchange ? FMU_EVENT : FMU_STEP);
}

FMI3_VISIBLE fmi3Status fmi3Terminate(fmi3Instance c)
{
  return move3(c, "fmi3Terminate", FMU_EVENT | FMU_CONTINUOUS | FMU_STEP, FMU_TERMINATED);
}

FMI3_VISIBLE fmi3Status fmi3Reset(fmi3Instance c)
{
  instance3 *i = c;

  if (!i) return fmi3Error;
  fmu_model_reset(&i->model);
  return fmi3OK;
}

FMI3_VISIBLE fmi3Status fmi3EnterEventMode(fmi3Instance c)
{
  return move3(c, "fmi3EnterEventMode", FMU_CONTINUOUS, FMU_EVENT);
}

FMI3_VISIBLE fmi3Status fmi3EvaluateDiscreteStates(fmi3Instance c)
{
  return allow3(c, "fmi3EvaluateDiscreteStates", FMU_INITIALIZATION | FMU_EVENT);
}

FMI3_VISIBLE fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *need_update,
                                                 fmi3Boolean *terminate, fmi3Boolean *nominals,
                                                 fmi3Boolean *values, fmi3Boolean *next_defined,
                                                 fmi3Float64 *next)
{
  const fmi3Status status = allow3(c, "fmi3UpdateDiscreteStates", FMU_EVENT);

  if (status != fmi3OK) return status;
  *need_update = *terminate = *nominals = *values = *next_defined = false;
  *next = 0.0;
  return fmi3OK;
}

FMI3_VISIBLE fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance c)
{
  return move3(c, "fmi3EnterContinuousTimeMode", FMU_EVENT, FMU_CONTINUOUS);
}

FMI3_VISIBLE fmi3Status fmi3CompletedIntegratorStep(fmi3Instance c, fmi3Boolean no_set_prior,
                                                    fmi3Boolean *enter_event,
                                                    fmi3Boolean *terminate)
{
  const fmi3Status status = allow3(c, "fmi3CompletedIntegratorStep", FMU_CONTINUOUS);

  (void)no_set_prior;
  if (status == fmi3OK) *enter_event = *terminate = false;
  return status;
}

FMI3_VISIBLE fmi3Status fmi3SetTime(fmi3Instance c, fmi3Float64 time)
{
  instance3 *i = c;
  const fmi3Status status = allow3(i, "fmi3SetTime", FMU_EVENT | FMU_CONTINUOUS);

  if (status == fmi3OK) i->model.state.time = time;
  return status;
}

FMI3_VISIBLE fmi3Status fmi3EnterStepMode(fmi3Instance c)
{
  return refuse3(c, "fmi3EnterStepMode: there is no event mode in Co-Simulation");
}

FMI3_VISIBLE fmi3Status fmi3EnterConfigurationMode(fmi3Instance c)
{
  return refuse3(c, "there are no structural parameters");
}

FMI3_VISIBLE fmi3Status fmi3ExitConfigurationMode(fmi3Instance c)
{
  return refuse3(c, "there are no structural parameters");
}

FMI3_VISIBLE fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 at, fmi3Float64 step,
                                   fmi3Boolean no_set_prior, fmi3Boolean *event_needed,
                                   fmi3Boolean *terminate, fmi3Boolean *early_return,
                                   fmi3Float64 *last_time)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3DoStep", FMU_STEP);

  (void)no_set_prior;
  if (status != fmi3OK) return status;
  *event_needed = *terminate = *early_return = false;
  *last_time = i->model.state.time;
  if (!(step >= 0.0) || !isfinite(at + step)) return refuse3(i, "fmi3DoStep: no such step");
  status = answer3(i, fmu_model_check(&i->model));
  if (status <= fmi3Warning) *last_time = i->model.state.time = at + step;
  return status;
}

FMI3_VISIBLE fmi3Status fmi3ActivateModelPartition(fmi3Instance c, fmi3ValueReference clock,
                                                   fmi3Float64 time)
{
  (void)clock;
  (void)time;
  return refuse3(c, "this FMU has no Scheduled Execution");
}

/* Variables ------------------------------------------------------------------------------------ */

FMI3_VISIBLE fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference reference[],
                                       size_t n, fmi3Float64 value[], size_t nvalue)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3GetFloat64", FMU_READABLE);

  if (status == fmi3OK && n != nvalue) return refuse3(i, "there are no arrays");
  for (size_t k = 0; k < n && status <= fmi3Warning; k++)
    status = worse3(status, answer3(i, fmu_model_get(&i->model, reference[k], &value[k])));
  return status;
}

FMI3_VISIBLE fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference reference[],
                                       size_t n, const fmi3Float64 value[], size_t nvalue)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3SetFloat64", ~(int)FMU_TERMINATED);

  if (status == fmi3OK && n != nvalue) return refuse3(i, "there are no arrays");
  for (size_t k = 0; k < n && status == fmi3OK; k++)
    status = answer3(i, fmu_model_set(&i->model, reference[k], value[k]));
  return status;
}

FMI3_VISIBLE fmi3Status fmi3GetInt64(fmi3Instance c, const fmi3ValueReference reference[], size_t n,
                                     fmi3Int64 value[], size_t nvalue)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3GetInt64", FMU_READABLE);

  if (status == fmi3OK && n != nvalue) return refuse3(i, "there are no arrays");
  for (size_t k = 0; k < n && status == fmi3OK; k++) {
    long long policy = 0;

    status = answer3(i, fmu_model_get_policy(&i->model, reference[k], &policy));
    if (status == fmi3OK) value[k] = policy;
  }
  return status;
}

FMI3_VISIBLE fmi3Status fmi3SetInt64(fmi3Instance c, const fmi3ValueReference reference[], size_t n,
                                     const fmi3Int64 value[], size_t nvalue)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3SetInt64", ~(int)FMU_TERMINATED);

  if (status == fmi3OK && n != nvalue) return refuse3(i, "there are no arrays");
  for (size_t k = 0; k < n && status == fmi3OK; k++)
    status = answer3(i, fmu_model_set_policy(&i->model, reference[k], value[k]));
  return status;
}

/* Of kinds that no variable has. */
static fmi3Status none3(const instance3 *i, size_t n)
{
  return n == 0 && i ? fmi3OK : refuse3(i, "there is no variable of this type");
}

#define FMU_NO_VARIABLES(type)                                                                     \
  FMI3_VISIBLE fmi3Status fmi3Get##type(fmi3Instance c, const fmi3ValueReference reference[],      \
                                        size_t n, fmi3##type value[], size_t nvalue)               \
  {                                                                                                \
    (void)reference;                                                                               \
    (void)value;                                                                                   \
    (void)nvalue;                                                                                  \
    return none3(c, n);                                                                            \
  }                                                                                                \
  FMI3_VISIBLE fmi3Status fmi3Set##type(fmi3Instance c, const fmi3ValueReference reference[],      \
                                        size_t n, const fmi3##type value[], size_t nvalue)         \
  {                                                                                                \
    (void)reference;                                                                               \
    (void)value;                                                                                   \
    (void)nvalue;                                                                                  \
    return none3(c, n);                                                                            \
  }
FMU_NO_VARIABLES(Float32)
FMU_NO_VARIABLES(Int8)
FMU_NO_VARIABLES(UInt8)
FMU_NO_VARIABLES(Int16)
FMU_NO_VARIABLES(UInt16)
FMU_NO_VARIABLES(Int32)
FMU_NO_VARIABLES(UInt32)
FMU_NO_VARIABLES(UInt64)
FMU_NO_VARIABLES(Boolean)
FMU_NO_VARIABLES(String)

FMI3_VISIBLE fmi3Status fmi3GetBinary(fmi3Instance c, const fmi3ValueReference reference[],
                                      size_t n, size_t size[], fmi3Binary value[], size_t nvalue)
{
  (void)reference;
  (void)size;
  (void)value;
  (void)nvalue;
  return none3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetBinary(fmi3Instance c, const fmi3ValueReference reference[],
                                      size_t n, const size_t size[], const fmi3Binary value[],
                                      size_t nvalue)
{
  (void)reference;
  (void)size;
  (void)value;
  (void)nvalue;
  return none3(c, n);
}

/* Derivatives ---------------------------------------------------------------------------------- */

FMI3_VISIBLE fmi3Status fmi3GetDirectionalDerivative(
    fmi3Instance c, const fmi3ValueReference unknown[], size_t nunknown,
    const fmi3ValueReference known[], size_t nknown, const fmi3Float64 seed[], size_t nseed,
    fmi3Float64 sensitivity[], size_t nsensitivity)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3GetDirectionalDerivative", FMU_READABLE);

  if (status == fmi3OK && (nseed != nknown || nsensitivity != nunknown))
    return refuse3(i, "there are no arrays");
  for (size_t u = 0; u < nunknown && status <= fmi3Warning; u++) {
    double sum = 0.0, partial;

    for (size_t k = 0; k < nknown && status <= fmi3Warning; k++) {
      status =
          worse3(status, answer3(i, fmu_model_partial(&i->model, unknown[u], known[k], &partial)));
      sum += partial * seed[k];
    }
    sensitivity[u] = sum;
  }
  return status;
}

FMI3_VISIBLE fmi3Status fmi3GetAdjointDerivative(fmi3Instance c, const fmi3ValueReference unknown[],
                                                 size_t nunknown, const fmi3ValueReference known[],
                                                 size_t nknown, const fmi3Float64 seed[],
                                                 size_t nseed, fmi3Float64 sensitivity[],
                                                 size_t nsensitivity)
{
  instance3 *i = c;
  fmi3Status status = allow3(i, "fmi3GetAdjointDerivative", FMU_READABLE);

  if (status == fmi3OK && (nseed != nunknown || nsensitivity != nknown))
    return refuse3(i, "there are no arrays");
  for (size_t k = 0; k < nknown && status <= fmi3Warning; k++) {
    double sum = 0.0, partial;

    for (size_t u = 0; u < nunknown && status <= fmi3Warning; u++) {
      status =
          worse3(status, answer3(i, fmu_model_partial(&i->model, unknown[u], known[k], &partial)));
      sum += partial * seed[u];
    }
    sensitivity[k] = sum;
  }
  return status;
}

FMI3_VISIBLE fmi3Status fmi3GetOutputDerivatives(fmi3Instance c,
                                                 const fmi3ValueReference reference[], size_t n,
                                                 const fmi3Int32 order[], fmi3Float64 value[],
                                                 size_t nvalue)
{
  (void)reference;
  (void)order;
  (void)value;
  (void)nvalue;
  return n == 0 && c ? fmi3OK : refuse3(c, "outputs have no derivatives by time");
}

static const char no_elements3[] = "dependencies are those of the model description";

FMI3_VISIBLE fmi3Status fmi3GetNumberOfVariableDependencies(fmi3Instance c,
                                                            fmi3ValueReference reference, size_t *n)
{
  (void)reference;
  (void)n;
  return refuse3(c, no_elements3);
}

FMI3_VISIBLE fmi3Status fmi3GetVariableDependencies(fmi3Instance c, fmi3ValueReference dependent,
                                                    size_t dependent_element[],
                                                    fmi3ValueReference independent[],
                                                    size_t independent_element[],
                                                    fmi3DependencyKind kind[], size_t n)
{
  (void)dependent;
  (void)dependent_element;
  (void)independent;
  (void)independent_element;
  (void)kind;
  (void)n;
  return refuse3(c, no_elements3);
}

/* Snapshots ------------------------------------------------------------------------------------ */

FMI3_VISIBLE fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *state)
{
  instance3 *i = c;

  if (!i || !state) return fmi3Error;
  if (!*state) *state = malloc(sizeof(fmu_state));
  if (!*state) return refuse3(i, "no memory");
  memcpy(*state, &i->model.state, sizeof(fmu_state));
  return fmi3OK;
}

FMI3_VISIBLE fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState state)
{
  instance3 *i = c;

  if (!i || !state) return refuse3(i, "fmi3SetFMUState: no state");
  memcpy(&i->model.state, state, sizeof(fmu_state));
  return fmi3OK;
}

FMI3_VISIBLE fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *state)
{
  if (!c) return fmi3Error;
  if (state) {
    free(*state);
    *state = NULL;
  }
  return fmi3OK;
}

static const char no_bytes3[] = "states of this FMU are not serialized";

FMI3_VISIBLE fmi3Status fmi3SerializedFMUStateSize(fmi3Instance c, fmi3FMUState state, size_t *size)
{
  (void)state;
  (void)size;
  return refuse3(c, no_bytes3);
}

FMI3_VISIBLE fmi3Status fmi3SerializeFMUState(fmi3Instance c, fmi3FMUState state, fmi3Byte bytes[],
                                              size_t size)
{
  (void)state;
  (void)bytes;
  (void)size;
  return refuse3(c, no_bytes3);
}

FMI3_VISIBLE fmi3Status fmi3DeserializeFMUState(fmi3Instance c, const fmi3Byte bytes[], size_t size,
                                                fmi3FMUState *state)
{
  (void)bytes;
  (void)size;
  (void)state;
  return refuse3(c, no_bytes3);
}

/* Continuous states and events, of which there are none ---------------------------------------- */

static fmi3Status nothing3(instance3 *i, const char *function, int modes, size_t n)
{
  const fmi3Status status = allow3(i, function, modes);

  return status == fmi3OK && n > 0 ? refuse3(i, "there are no states and no events") : status;
}

FMI3_VISIBLE fmi3Status fmi3SetContinuousStates(fmi3Instance c, const fmi3Float64 x[], size_t n)
{
  (void)x;
  return nothing3(c, "fmi3SetContinuousStates", FMU_CONTINUOUS, n);
}

FMI3_VISIBLE fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance c, fmi3Float64 derivatives[],
                                                          size_t n)
{
  (void)derivatives;
  return nothing3(c, "fmi3GetContinuousStateDerivatives", FMU_READABLE, n);
}

FMI3_VISIBLE fmi3Status fmi3GetEventIndicators(fmi3Instance c, fmi3Float64 indicators[], size_t n)
{
  (void)indicators;
  return nothing3(c, "fmi3GetEventIndicators", FMU_READABLE, n);
}

FMI3_VISIBLE fmi3Status fmi3GetContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n)
{
  (void)x;
  return nothing3(c, "fmi3GetContinuousStates", FMU_READABLE, n);
}

FMI3_VISIBLE fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance c, fmi3Float64 nominals[],
                                                          size_t n)
{
  (void)nominals;
  return nothing3(c, "fmi3GetNominalsOfContinuousStates", FMU_READABLE | FMU_INSTANTIATED, n);
}

FMI3_VISIBLE fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance c, size_t *n)
{
  if (!c || !n) return fmi3Error;
  *n = 0;
  return fmi3OK;
}

FMI3_VISIBLE fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance c, size_t *n)
{
  if (!c || !n) return fmi3Error;
  *n = 0;
  return fmi3OK;
}

/* Clocks, of which there are none -------------------------------------------------------------- */

static fmi3Status no_clock3(const instance3 *i, size_t n)
{
  return n == 0 && i ? fmi3OK : refuse3(i, "there are no clocks");
}

FMI3_VISIBLE fmi3Status fmi3GetClock(fmi3Instance c, const fmi3ValueReference reference[], size_t n,
                                     fmi3Clock value[])
{
  (void)reference;
  (void)value;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetClock(fmi3Instance c, const fmi3ValueReference reference[], size_t n,
                                     const fmi3Clock value[])
{
  (void)reference;
  (void)value;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3GetIntervalDecimal(fmi3Instance c, const fmi3ValueReference reference[],
                                               size_t n, fmi3Float64 interval[],
                                               fmi3IntervalQualifier qualifier[])
{
  (void)reference;
  (void)interval;
  (void)qualifier;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3GetIntervalFraction(fmi3Instance c,
                                                const fmi3ValueReference reference[], size_t n,
                                                fmi3UInt64 counter[], fmi3UInt64 resolution[],
                                                fmi3IntervalQualifier qualifier[])
{
  (void)reference;
  (void)counter;
  (void)resolution;
  (void)qualifier;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetIntervalDecimal(fmi3Instance c, const fmi3ValueReference reference[],
                                               size_t n, const fmi3Float64 interval[])
{
  (void)reference;
  (void)interval;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetIntervalFraction(fmi3Instance c,
                                                const fmi3ValueReference reference[], size_t n,
                                                const fmi3UInt64 counter[],
                                                const fmi3UInt64 resolution[])
{
  (void)reference;
  (void)counter;
  (void)resolution;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3GetShiftDecimal(fmi3Instance c, const fmi3ValueReference reference[],
                                            size_t n, fmi3Float64 shift[])
{
  (void)reference;
  (void)shift;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetShiftDecimal(fmi3Instance c, const fmi3ValueReference reference[],
                                            size_t n, const fmi3Float64 shift[])
{
  (void)reference;
  (void)shift;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3GetShiftFraction(fmi3Instance c, const fmi3ValueReference reference[],
                                             size_t n, fmi3UInt64 counter[],
                                             fmi3UInt64 resolution[])
{
  (void)reference;
  (void)counter;
  (void)resolution;
  return no_clock3(c, n);
}

FMI3_VISIBLE fmi3Status fmi3SetShiftFraction(fmi3Instance c, const fmi3ValueReference reference[],
                                             size_t n, const fmi3UInt64 counter[],
                                             const fmi3UInt64 resolution[])
{
  (void)reference;
  (void)counter;
  (void)resolution;
  return no_clock3(c, n);
}
// NOLINTEND(readability-non-const-parameter,readability-function-size)
