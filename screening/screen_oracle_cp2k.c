/* screening/screen_oracle_cp2k.c - CP2K: an input from a template, labels from its output
 *
 * @CELL@ stands in &CELL and becomes A, B, C; @COORD@ stands in &COORD (screen_oracle_text.c).
 * A &KIND for every element of the species; CP2K leaves alone a kind without atoms.  The output is
 * what CP2K 2023.1 prints with RUN_TYPE ENERGY_FORCE, &FORCES ON and &STRESS_TENSOR ON.
 *
 * CP2K's stress is positive in compression (P is its 1/3 trace), so PlusStress is V times it.
 */
#include "screening/screen_oracle_impl.h"

#include "md/md_units.h"
#include "mtp/mtp_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPA (1e9 / MD_PRESSURE_PA) /* [eV/Å^3] */
#define BAR (1e5 / MD_PRESSURE_PA) /* [eV/Å^3] */

const screen_template_form screen__cp2k_form = {.nplace = 2, .letters = PETSC_TRUE};

static PetscErrorCode write_input(const screen_oracle_job *job, screen_refusal *why)
{
  PetscFunctionBegin;
  PetscCall(screen__template_write(job, "in.inp", why));
  PetscFunctionReturn(0);
}

static void take_energy(screen_output *o, mtp_span line, PetscInt number)
{
  const mtp_span unit = screen__unit_of(line);
  PetscReal value;

  o->energies++;
  if (!mtp_span_is(unit, "a.u.") && !mtp_span_is(unit, "hartree"))
    screen__refuse_line(o->why, number, "energy in a.u. wanted", unit);
  else if (!screen__last_numbers(line, 1, &value))
    screen__refuse_line(o->why, number, "an energy wanted", line);
  else
    o->energy = value * MD_HARTREE;
}

/* "1 2 Cl 0.1 0.2 0.3": atom, kind, element, force */
static PetscBool take_force(screen_output *o, mtp_span line, PetscInt i)
{
  mtp_span rest = line, word[3];
  PetscInt atom;

  for (int k = 0; k < 3; k++) {
    if (!mtp_text_word(&rest, &word[k])) return PETSC_FALSE;
  }
  if (mtp_text_int(word[0], &atom) != MTP_NUMBER_OK || atom != i + 1 || i >= o->asked->n)
    return PETSC_FALSE;
  if (!mtp_span_is(word[2], o->species->name[o->asked->type[i]])) return PETSC_FALSE;
  if (!screen__last_numbers(rest, 3, o->label->force + 3 * i)) return PETSC_FALSE;
  for (int a = 0; a < 3; a++) o->label->force[3 * i + a] *= MD_HARTREE / MD_BOHR;
  return PETSC_TRUE;
}

static void take_forces(screen_output *o, mtp_span title, PetscInt at)
{
  mtp_span line;
  PetscInt number, n = 0;

  o->forces++;
  if (!mtp_span_is(screen__unit_of(title), "a.u.")) {
    screen__refuse_line(o->why, at, "forces in a.u. wanted", title);
    return;
  }
  while (mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (line.n == 0 || line.at[0] == '#') continue;
    if (screen__begins(line, "SUM OF ATOMIC FORCES")) break;
    if (!take_force(o, line, n++)) {
      screen__oracle_refuse(o->why, PETSC_FALSE,
                            "out:%" PetscInt_FMT ": forces of %" PetscInt_FMT
                            " atoms in the order of the input wanted: got %s",
                            number, o->asked->n, mtp_span_quote(line).text);
      return;
    }
  }
  screen__output_count(o, at, n);
}

static void take_stress(screen_output *o, mtp_span title, PetscInt at)
{
  const mtp_span unit = screen__unit_of(title);
  const PetscReal scale = mtp_span_is(unit, "GPa") ? GPA : mtp_span_is(unit, "bar") ? BAR : 0.0;
  mtp_span columns;
  PetscInt number;

  o->stresses++;
  if (scale == 0.0) {
    screen__refuse_line(o->why, at, "stress in GPa or bar wanted", title);
    return;
  }
  (void)mtp_text_line(&o->t, &columns, &number); /* their names */
  screen__output_stress(o, at, 3, "STRESS|", scale);
}

/* "CP2K| version string:      CP2K version 2023.1" */
static PetscErrorCode take_version(screen_output *o, mtp_span line)
{
  const char *colon = memchr(line.at, ':', line.n);

  PetscFunctionBegin;
  if (!colon) PetscFunctionReturn(0);
  line = (mtp_span){.at = colon + 1, .n = line.n - (size_t)(colon + 1 - line.at)};
  PetscCall(screen__output_version(o, "", mtp_text_trim(line)));
  PetscFunctionReturn(0);
}

static PetscErrorCode take_line(screen_output *o, mtp_span line, PetscInt number)
{
  PetscFunctionBegin;
  if (screen__begins(line, "CP2K| version string:"))
    PetscCall(take_version(o, line));
  else if (screen__begins(line, "ENERGY| Total FORCE_EVAL"))
    take_energy(o, line, number);
  else if (screen__begins(line, "ATOMIC FORCES in "))
    take_forces(o, line, number);
  else if (screen__begins(line, "STRESS| Analytical stress tensor ["))
    take_stress(o, line, number);
  PetscFunctionReturn(0);
}

const screen_output_form screen__cp2k_output = {
    .line = take_line,
    .energy = "total energy (ENERGY| Total FORCE_EVAL)",
    .forces = "forces (ATOMIC FORCES in [a.u.])",
    .stress = "stress (STRESS| Analytical stress tensor)",
    .unconverged = "SCF run NOT converged",
    .end = "PROGRAM ENDED AT",
};

const screen_oracle_kind screen__oracle_cp2k = {.by = "CP2K",
                                                .form = &screen__cp2k_form,
                                                .output = &screen__cp2k_output,
                                                .write = write_input,
                                                .read = screen__output_read};
