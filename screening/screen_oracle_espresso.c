/* screening/screen_oracle_espresso.c - pw.x of Quantum ESPRESSO: an input from a template, labels
 * from its output
 *
 * @CELL@ stands below CELL_PARAMETERS angstrom, @COORD@ below ATOMIC_POSITIONS angstrom, nat is
 * @NAT@; ATOMIC_SPECIES has every element of the species (pw.x leaves alone a type without atoms).
 * The output is what pw.x 6.7 prints with calculation 'scf', tprnfor and tstress.
 *
 * Its stress is positive in compression, so PlusStress is V times it; the columns in Ry/bohr^3 are
 * read, which have more digits than those in kbar.  Cell and elements are compared with what was
 * asked for, for a template may have other units or another ibrav.
 */
#include "screening/screen_oracle_impl.h"

#include "md/md_units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define RYDBERG (0.5 * MD_HARTREE) /* [eV] */

const screen_template_form screen__espresso_form = {.nplace = 3, .letters = PETSC_FALSE};

typedef struct {
  mtp_text t;
  const mtp_config *asked;
  const screen_names *species;
  mtp_config *label;
  screen_refusal *why;
  PetscInt energies, forces, stresses, sites, volumes; /* seen */
  PetscBool converged, ended;
  PetscReal energy, stress[6]; /* [eV], [eV/Å^3] */
} pw_output;

static PetscErrorCode write_input(const screen_oracle_job *job, screen_refusal *why)
{
  PetscFunctionBegin;
  PetscCall(screen__template_write(job, "in.in", why));
  PetscFunctionReturn(0);
}

/* "!    total energy              =     -16.85744198 Ry" */
static void take_energy(pw_output *o, mtp_span line, PetscInt number)
{
  PetscReal value;

  o->energies++;
  if (line.n < 3 || memcmp(line.at + line.n - 3, " Ry", 3) != 0 ||
      !screen__last_numbers((mtp_span){.at = line.at, .n = line.n - 3}, 1, &value))
    screen__refuse_line(o->why, number, "an energy in Ry wanted", line);
  else
    o->energy = value * RYDBERG;
}

/* "1           Al  tau(   1) = (   0.0125147   0.0050059  -0.0075088  )" */
static void take_site(pw_output *o, mtp_span line, PetscInt number)
{
  const PetscInt i = o->sites++;
  mtp_span rest = line, word[2];
  PetscInt atom;

  if (i < o->asked->n && mtp_text_word(&rest, &word[0]) && mtp_text_word(&rest, &word[1]) &&
      mtp_text_int(word[0], &atom) == MTP_NUMBER_OK && atom == i + 1 &&
      mtp_span_is(word[1], o->species->name[o->asked->type[i]]))
    return;
  screen__refuse_line(o->why, number, "the atoms of the input in their order wanted", line);
}

/* "unit-cell volume          =     301.6107 (a.u.)^3": four decimals */
static void take_volume(pw_output *o, mtp_span line, PetscInt number)
{
  const PetscReal wanted = screen__volume(o->asked) / (MD_BOHR * MD_BOHR * MD_BOHR);
  const char *end = memchr(line.at, '(', line.n);
  PetscReal value;

  o->volumes++;
  if (end &&
      screen__last_numbers((mtp_span){.at = line.at, .n = (size_t)(end - line.at)}, 1, &value) &&
      PetscAbsReal(value - wanted) <= 1e-3 + 1e-6 * wanted)
    return;
  screen__oracle_refuse(o->why, PETSC_TRUE,
                        "out:%" PetscInt_FMT ": a cell of %.4f bohr^3 wanted: got %s", number,
                        (double)wanted, mtp_span_quote(line).text);
}

/* "atom    1 type  1   force =     0.01029218   -0.02862703    0.04638865" */
static PetscBool take_force(pw_output *o, mtp_span line, PetscInt i)
{
  mtp_span rest = line, word[2];
  PetscInt atom;

  if (i >= o->asked->n || !mtp_text_word(&rest, &word[0]) || !mtp_text_word(&rest, &word[1]) ||
      mtp_text_int(word[1], &atom) != MTP_NUMBER_OK || atom != i + 1 ||
      !screen__last_numbers(rest, 3, o->label->force + 3 * i))
    return PETSC_FALSE;
  for (int a = 0; a < 3; a++) o->label->force[3 * i + a] *= RYDBERG / MD_BOHR;
  return PETSC_TRUE;
}

/* The table ends with the sum; with more output its parts follow, in the same words. */
static void take_forces(pw_output *o, mtp_span title, PetscInt at)
{
  mtp_span line;
  PetscInt number, n = 0;

  o->forces++;
  if (!screen__contains(title, "Ry/au")) {
    screen__refuse_line(o->why, at, "forces in Ry/au wanted", title);
    return;
  }
  while (n < o->asked->n && mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (line.n == 0) continue;
    if (!screen__begins(line, "atom ") || !take_force(o, line, n)) {
      screen__refuse_line(o->why, number, "a force for each atom wanted", line);
      return;
    }
    n++;
  }
  if (n != o->asked->n)
    screen__oracle_refuse(o->why, PETSC_FALSE,
                          "out:%" PetscInt_FMT ": got forces of %" PetscInt_FMT
                          " atoms, wanted %" PetscInt_FMT,
                          at, n, o->asked->n);
}

static void take_stress(pw_output *o, mtp_span title, PetscInt at)
{
  static const int index[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  const PetscReal scale = RYDBERG / (MD_BOHR * MD_BOHR * MD_BOHR);
  PetscReal s[3][6];
  mtp_span line = title;
  PetscInt number = at;

  o->stresses++;
  if (!screen__contains(title, "(Ry/bohr**3)")) {
    screen__refuse_line(o->why, at, "stress in Ry/bohr**3 wanted", title);
    return;
  }
  for (int a = 0; a < 3; a++) {
    if (mtp_text_line(&o->t, &line, &number) && screen__last_numbers(line, 6, s[a])) continue;
    screen__refuse_line(o->why, number, "three rows of the stress wanted", line);
    return;
  }
  for (int k = 0; k < 6; k++)
    o->stress[k] = scale * 0.5 * (s[index[k][0]][index[k][1]] + s[index[k][1]][index[k][0]]);
}

/* "Program PWSCF v.6.7MaX starts on 28Nov2026 at 11:19:40" */
static PetscErrorCode take_version(pw_output *o, mtp_span line)
{
  mtp_span rest = line, word = {0};
  char text[60];

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    if (!mtp_text_word(&rest, &word)) PetscFunctionReturn(0);
  }
  snprintf(text, sizeof(text), "PWSCF %.*s", (int)PetscMin(word.n, 40), word.at);
  for (char *c = text; *c; c++) {
    if (!isprint((unsigned char)*c)) *c = '?';
  }
  PetscCall(mtp_config_set_feature(o->label, "oracle_version", text));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_lines(pw_output *o)
{
  mtp_span line;
  PetscInt number;

  PetscFunctionBegin;
  while (mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (screen__begins(line, "Program PWSCF "))
      PetscCall(take_version(o, line));
    else if (screen__begins(line, "unit-cell volume"))
      take_volume(o, line, number);
    else if (screen__contains(line, " tau(") && !screen__contains(line, "cryst"))
      take_site(o, line, number);
    else if (screen__begins(line, "convergence NOT achieved"))
      o->converged = PETSC_FALSE;
    else if (screen__begins(line, "!") && screen__contains(line, "total energy"))
      take_energy(o, line, number);
    else if (screen__begins(line, "Forces acting on atoms"))
      take_forces(o, line, number);
    else if (screen__begins(line, "total   stress"))
      take_stress(o, line, number);
    else if (screen__begins(line, "JOB DONE"))
      o->ended = PETSC_TRUE;
  }
  PetscFunctionReturn(0);
}

/* What is missing; SCF that did not converge goes before all else, for it stays so. */
static void judge(pw_output *o)
{
  static const char *const what[4] = {"unit-cell volume", "total energy (! total energy)",
                                      "forces (Forces acting on atoms)", "stress (total   stress)"};
  const PetscInt n[4] = {o->volumes, o->energies, o->forces, o->stresses};

  if (!o->converged) {
    o->why->text[0] = 0;
    screen__oracle_refuse(o->why, PETSC_TRUE, "convergence NOT achieved");
  }
  for (int k = 0; k < 4; k++) {
    if (n[k] > 1)
      screen__oracle_refuse(o->why, PETSC_FALSE, "out: got %s %" PetscInt_FMT " times, wanted once",
                            what[k], n[k]);
  }
  if (!o->ended) screen__oracle_refuse(o->why, PETSC_FALSE, "out: got the end without JOB DONE");
  for (int k = 0; k < 4; k++) {
    if (n[k] == 0) screen__oracle_refuse(o->why, PETSC_FALSE, "out: got no %s", what[k]);
  }
  if (o->sites != o->asked->n)
    screen__oracle_refuse(o->why, PETSC_FALSE,
                          "out: got %" PetscInt_FMT " atoms, wanted %" PetscInt_FMT, o->sites,
                          o->asked->n);
}

PetscErrorCode screen__espresso_parse(const char *text, size_t length, const mtp_config *asked,
                                      const screen_names *species, mtp_config *label,
                                      screen_refusal *why)
{
  pw_output o = {.t = {.name = "out", .at = text, .end = text + length, .line = 1},
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
  PetscCall(screen__oracle_read_out(job, screen__espresso_parse, label, why));
  PetscFunctionReturn(0);
}

const screen_oracle_kind screen__oracle_espresso = {.by = "Quantum ESPRESSO",
                                                    .form = &screen__espresso_form,
                                                    .write = write_input,
                                                    .read = read_output};
