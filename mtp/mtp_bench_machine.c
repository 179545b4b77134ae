/* mtp/mtp_bench_machine.c - the core a benchmark runs on; Linux */
#define _GNU_SOURCE /* sched_setaffinity; NOLINT(bugprone-reserved-identifier) */
#include "mtp/mtp_bench_impl.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mtp_bench_pin {
  cpu_set_t before;
};

PetscErrorCode mtp__bench_pin(mtp_bench_pin **pin, PetscInt *core)
{
  cpu_set_t one;
  int here;

  PetscFunctionBegin;
  PetscCall(PetscNew(pin));
  here = sched_getcpu();
  PetscCheck(here >= 0 && !sched_getaffinity(0, sizeof((*pin)->before), &(*pin)->before),
             PETSC_COMM_SELF, PETSC_ERR_SYS, "The system does not say which core this runs on");
  CPU_ZERO(&one);
  CPU_SET((size_t)here, &one);
  PetscCheck(!sched_setaffinity(0, sizeof(one), &one), PETSC_COMM_SELF, PETSC_ERR_SYS,
             "The system does not keep this thread on core %d", here);
  *core = here;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__bench_unpin(mtp_bench_pin **pin)
{
  PetscFunctionBegin;
  PetscCheck(!sched_setaffinity(0, sizeof((*pin)->before), &(*pin)->before), PETSC_COMM_SELF,
             PETSC_ERR_SYS, "The system does not let this thread leave its core");
  PetscCall(PetscFree(*pin));
  PetscFunctionReturn(0);
}

PetscBool mtp__bench_parse_ticks(const char *line, PetscInt core, mtp_bench_ticks *ticks)
{
  enum { STEAL = 7 };
  char name[32], *end;

  (void)snprintf(name, sizeof(name), "cpu%" PetscInt_FMT " ", core);
  if (strncmp(line, name, strlen(name)) != 0) return PETSC_FALSE;
  line += strlen(name);
  *ticks = (mtp_bench_ticks){0};
  for (int k = 0; k <= STEAL; k++) { /* what follows, time of guests, is part of user and nice */
    const PetscReal value = strtod(line, &end);

    if (end == line) return PETSC_FALSE;
    ticks->all += value;
    if (k == STEAL) ticks->stolen = value;
    line = end;
  }
  ticks->known = PETSC_TRUE;
  return PETSC_TRUE;
}

mtp_bench_ticks mtp__bench_ticks(PetscInt core)
{
  mtp_bench_ticks ticks = {0};
  char line[512];
  FILE *file = fopen("/proc/stat", "r");

  if (!file) return ticks;
  while (!ticks.known && fgets(line, (int)sizeof(line), file)) {
    (void)mtp__bench_parse_ticks(line, core, &ticks);
  }
  (void)fclose(file);
  return ticks;
}

/* "key\t: value" */
static void take_value(const char *line, const char *key, char value[], size_t size)
{
  const char *at = line + strlen(key);

  if (value[0] || strncmp(line, key, strlen(key)) != 0) return;
  at += strspn(at, " \t");
  if (*at != ':') return;
  at += 1 + strspn(at + 1, " \t");
  (void)snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
}

void mtp_bench_processor(char text[], size_t size)
{
  char line[512], name[256] = "", family[32] = "", model[32] = "";
  FILE *file = fopen("/proc/cpuinfo", "r");

  while (file && fgets(line, (int)sizeof(line), file)) {
    take_value(line, "model name", name, sizeof(name));
    take_value(line, "cpu family", family, sizeof(family));
    take_value(line, "model", model, sizeof(model));
  }
  if (file) (void)fclose(file);
  (void)snprintf(text, size, "%s", name[0] ? name : "unknown");
  if (name[0] && family[0] && model[0])
    (void)snprintf(text, size, "%s (family %s, model %s)", name, family, model);
}
