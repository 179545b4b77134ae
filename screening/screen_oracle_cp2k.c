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

#include <ctype.h>
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

typedef struct {
  mtp_text t;
  const mtp_config *asked;
  const screen_names *species;
  mtp_config *label;
  screen_refusal *why;
  PetscInt energies, forces, stresses; /* tables seen */
  PetscBool converged, ended;
  PetscReal energy, stress[6]; /* [eV], [eV/Å^3] */
} cp2k_output;

static void take_energy(cp2k_output *o, mtp_span line, PetscInt number)
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
static PetscBool take_force(cp2k_output *o, mtp_span line, PetscInt i)
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

static void take_forces(cp2k_output *o, mtp_span title, PetscInt at)
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
  if (n != o->asked->n)
    screen__oracle_refuse(o->why, PETSC_FALSE,
                          "out:%" PetscInt_FMT ": got forces of %" PetscInt_FMT
                          " atoms, wanted %" PetscInt_FMT,
                          at, n, o->asked->n);
}

static void take_stress(cp2k_output *o, mtp_span title, PetscInt at)
{
  static const int index[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  const mtp_span unit = screen__unit_of(title);
  const PetscReal scale = mtp_span_is(unit, "GPa") ? GPA : mtp_span_is(unit, "bar") ? BAR : 0.0;
  PetscReal s[3][3];
  mtp_span line;
  PetscInt number = at;

  o->stresses++;
  if (scale == 0.0) {
    screen__refuse_line(o->why, at, "stress in GPa or bar wanted", title);
    return;
  }
  if (!mtp_text_line(&o->t, &line, &number)) line = (mtp_span){0}; /* names of columns */
  for (int a = 0; a < 3; a++) {
    if (mtp_text_line(&o->t, &line, &number) && screen__begins(mtp_text_trim(line), "STRESS|") &&
        screen__last_numbers(line, 3, s[a]))
      continue;
    screen__refuse_line(o->why, number, "three rows of the stress wanted", line);
    return;
  }
  for (int k = 0; k < 6; k++)
    o->stress[k] = scale * 0.5 * (s[index[k][0]][index[k][1]] + s[index[k][1]][index[k][0]]);
}

static PetscErrorCode take_version(cp2k_output *o, mtp_span line)
{
  const char *colon = memchr(line.at, ':', line.n);
  mtp_span rest = {.at = colon, .n = colon ? line.n - (size_t)(colon - line.at) : 0};
  char text[80];

  PetscFunctionBegin;
  if (!colon) PetscFunctionReturn(0);
  rest = mtp_text_trim((mtp_span){.at = rest.at + 1, .n = rest.n - 1});
  snprintf(text, sizeof(text), "%.*s", (int)PetscMin(rest.n, 79), rest.at);
  for (char *c = text; *c; c++) {
    if (!isprint((unsigned char)*c)) *c = '?';
  }
  PetscCall(mtp_config_set_feature(o->label, "oracle_version", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_lines(cp2k_output *o)
{
  mtp_span line;
  PetscInt number;

  PetscFunctionBegin;
  while (mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (screen__begins(line, "CP2K| version string:"))
      PetscCall(take_version(o, line));
    else if (screen__contains(line, "SCF run NOT converged"))
      o->converged = PETSC_FALSE;
    else if (screen__begins(line, "ENERGY| Total FORCE_EVAL"))
      take_energy(o, line, number);
    else if (screen__begins(line, "ATOMIC FORCES in "))
      take_forces(o, line, number);
    else if (screen__begins(line, "STRESS| Analytical stress tensor ["))
      take_stress(o, line, number);
    else if (screen__contains(line, "PROGRAM ENDED AT"))
      o->ended = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

/* What is missing; SCF that did not converge goes before all else, for it stays so. */
static void judge(cp2k_output *o)
{
  static const char *const what[3] = {"total energy (ENERGY| Total FORCE_EVAL)",
                                      "forces (ATOMIC FORCES in [a.u.])",
                                      "stress (STRESS| Analytical stress tensor)"};
  const PetscInt n[3] = {o->energies, o->forces, o->stresses};

  if (!o->converged) {
    o->why->text[0] = 0;
    screen__oracle_refuse(o->why, PETSC_TRUE, "SCF run NOT converged");
  }
  for (int k = 0; k < 3; k++) {
    if (n[k] > 1)
      screen__oracle_refuse(o->why, PETSC_FALSE, "out: got %s %" PetscInt_FMT " times, wanted once",
                            what[k], n[k]);
  }
  if (!o->ended)
    screen__oracle_refuse(o->why, PETSC_FALSE, "out: got the end without PROGRAM ENDED");
  for (int k = 0; k < 3; k++) {
    if (n[k] == 0) screen__oracle_refuse(o->why, PETSC_FALSE, "out: got no %s", what[k]);
  }
}

PetscErrorCode screen__cp2k_parse(const char *text, size_t length, const mtp_config *asked,
                                  const screen_names *species, mtp_config *label,
                                  screen_refusal *why)
{
  cp2k_output o = {.t = {.name = "out", .at = text, .end = text + length, .line = 1},
                   .asked = asked,
                   .species = species,
                   .label = label,
                   .why = why,
                   .converged = PETSC_TRUE};
  locale_t old;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!label->force) PetscCall(PetscCalloc1(3 * asked->n, &label->force));
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_lines(&o);
  mtp_text_locale_pop(old);
  PetscCall(ierr);
  judge(&o);
  if (why->text[0]) PetscFunctionReturn(0);
  label->has_energy = label->has_stress = PETSC_TRUE;
  label->energy = o.energy;
  for (int k = 0; k < 6; k++) label->stress[k] = o.stress[k] * screen__volume(asked);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_output(const screen_oracle_job *job, mtp_config *label,
                                  screen_refusal *why)
{
  PetscFunctionBegin;
  PetscCall(screen__oracle_read_out(job, screen__cp2k_parse, label, why));
  PetscFunctionReturn(0);
}

const screen_oracle_kind screen__oracle_cp2k = {

    .by = "CP2K", .form = &screen__cp2k_form, .write = write_input, .read = read_output};
