/* fmu_model.c - one instance; the contract is in the header */
#include "fmu_model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static fmu_answer say(fmu_model *m, fmu_answer answer,
                                                            const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(m->message, sizeof(m->message), format, arguments);
  va_end(arguments);
  return answer;
}

FMU_LOCAL void fmu_model_reset(fmu_model *m)
{
  m->state = (fmu_state){.policy = FMU_POLICY_ERROR, .mode = FMU_INSTANTIATED};
  for (int a = 0; a < m->table->naxis; a++) m->state.input[a] = m->table->axis[a].start;
}

FMU_LOCAL bool fmu_model_open(fmu_model *m, const char *folder, const char *token)
{
  const size_t n = strlen(folder);
  const char *slash = n > 0 && folder[n - 1] == '/' ? "" : "/";
  char *path = malloc(n + 16);

  *m = (fmu_model){0};
  if (!path) {
    (void)say(m, FMU_WRONG, "no memory");
    return false;
  }
  (void)snprintf(path, n + 16, "%s%stable.txt", folder, slash);
  m->table = fmu_table_read(path, m->message);
  free(path);
  if (!m->table) return false;
  if (strcmp(token, m->table->token) != 0) {
    (void)say(m, FMU_WRONG, "the instantiation token is %.64s, that of the table %.64s", token,
              m->table->token);
    fmu_model_close(m);
    return false;
  }
  fmu_model_reset(m);
  return true;
}

FMU_LOCAL void fmu_model_close(fmu_model *m)
{
  fmu_table_free(m->table);
  m->table = NULL;
}

FMU_LOCAL fmu_answer fmu_model_allow(fmu_model *m, const char *function, int modes)
{
  if ((m->state.mode & modes) != 0) return FMU_OK;
  return say(m, FMU_WRONG, "%s is not allowed now", function);
}

/* Variables ------------------------------------------------------------------------------------ */

/* Which function a reference means; error: or the error of it. -1: none. */
static int find_function(const fmu_model *m, unsigned reference, bool *error)
{
  const unsigned first = 2U + (unsigned)m->table->naxis;
  unsigned f;

  if (reference < first) return -1;
  f = (reference - first) / 2;
  *error = (reference - first) % 2 == 1;
  if (f >= (unsigned)m->table->nfunction) return -1;
  return *error && !m->table->function[f].uncertain ? -1 : (int)f;
}

static int find_axis(const fmu_model *m, unsigned reference)
{
  return reference >= 1 && reference <= (unsigned)m->table->naxis ? (int)reference - 1 : -1;
}

FMU_LOCAL fmu_answer fmu_model_check(fmu_model *m)
{
  double low, high;
  const int a = fmu_table_outside(m->table, m->state.input, &low, &high);
  const bool before = m->state.outside;

  m->state.outside = a >= 0 && m->state.policy != FMU_POLICY_ERROR;
  if (a < 0 || (before && m->state.outside)) return FMU_OK;
  return say(m, m->state.outside ? FMU_WARNED : FMU_NOWHERE,
             "%s = %.10g is outside the table, %.10g to %.10g; extrapolation is %s",
             m->table->axis[a].name, m->state.input[a], low, high,
             m->state.policy == FMU_POLICY_ERROR
                 ? "an error"
                 : (m->state.policy == FMU_POLICY_CLAMP ? "clamped" : "linear"));
}

static fmu_answer no_number(fmu_model *m, int f, const char *what)
{
  const fmu_table *t = m->table;
  size_t n = (size_t)snprintf(m->message, sizeof(m->message), "%s: the table has no %s at",
                              t->function[f].name, what);

  for (int a = 0; a < t->naxis && n < sizeof(m->message); a++)
    n += (size_t)snprintf(m->message + n, sizeof(m->message) - n, " %s = %.10g", t->axis[a].name,
                          m->state.input[a]);
  return FMU_NOWHERE;
}

FMU_LOCAL fmu_answer fmu_model_get(fmu_model *m, unsigned reference, double *value)
{
  const int a = find_axis(m, reference);
  bool error = false;
  const int f = find_function(m, reference, &error);
  fmu_answer answer;
  fmu_result r;

  if (reference == 0) {
    *value = m->state.time;
    return FMU_OK;
  }
  if (a >= 0) {
    *value = m->state.input[a];
    return FMU_OK;
  }
  if (f < 0) return say(m, FMU_WRONG, "there is no real variable %u", reference);
  answer = fmu_model_check(m);
  if (answer == FMU_NOWHERE) return answer;
  fmu_table_at(m->table, f, m->state.input, m->state.policy, &r);
  if ((r.has & (error ? FMU_HAS_ERROR : FMU_HAS_VALUE)) == 0)
    return no_number(m, f, error ? "error" : "number");
  *value = error ? r.error : r.value;
  return answer;
}

FMU_LOCAL fmu_answer fmu_model_set(fmu_model *m, unsigned reference, double value)
{
  const int a = find_axis(m, reference);

  if (a < 0) return say(m, FMU_WRONG, "variable %u is no real input", reference);
  if (!isfinite(value))
    return say(m, FMU_WRONG, "%s: got what is not a finite number", m->table->axis[a].name);
  m->state.input[a] = value;
  return FMU_OK;
}

FMU_LOCAL fmu_answer fmu_model_get_policy(fmu_model *m, unsigned reference, long long *value)
{
  if (reference != 1U + (unsigned)m->table->naxis)
    return say(m, FMU_WRONG, "there is no integer variable %u", reference);
  *value = m->state.policy;
  return FMU_OK;
}

FMU_LOCAL fmu_answer fmu_model_set_policy(fmu_model *m, unsigned reference, long long value)
{
  if (reference != 1U + (unsigned)m->table->naxis)
    return say(m, FMU_WRONG, "there is no integer variable %u", reference);
  if (m->state.mode != FMU_INSTANTIATED && m->state.mode != FMU_INITIALIZATION)
    return say(m, FMU_WRONG, "extrapolation is fixed after initialization");
  if (value != FMU_POLICY_ERROR && value != FMU_POLICY_CLAMP && value != FMU_POLICY_LINEAR)
    return say(m, FMU_WRONG, "extrapolation: got %lld, wanted 1 (error), 2 (clamp) or 3 (linear)",
               value);
  m->state.policy = (fmu_policy)value;
  return FMU_OK;
}

FMU_LOCAL fmu_answer fmu_model_partial(fmu_model *m, unsigned unknown, unsigned known,
                                       double *value)
{
  const int to = find_axis(m, known), from = find_axis(m, unknown);
  bool error = false;
  const int f = find_function(m, unknown, &error);
  fmu_answer answer;
  fmu_result r;

  *value = 0.0;
  if (to < 0 && known != 0) return say(m, FMU_WRONG, "variable %u is no real input", known);
  if (from >= 0) {
    *value = from == to ? 1.0 : 0.0;
    return FMU_OK;
  }
  if (f < 0) return say(m, FMU_WRONG, "variable %u is no real output", unknown);
  answer = fmu_model_check(m);
  if (answer == FMU_NOWHERE || to < 0) return answer;
  fmu_table_at(m->table, f, m->state.input, m->state.policy, &r);
  if ((r.has & (error ? FMU_HAS_DERROR : FMU_HAS_DVALUE)) == 0)
    return no_number(m, f, "derivative");
  *value = error ? r.derror[to] : r.dvalue[to];
  return answer;
}
