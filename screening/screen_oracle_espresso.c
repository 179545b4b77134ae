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

#include <stdio.h>
#include <string.h>

#define RYDBERG (0.5 * MD_HARTREE) /* [eV] */

const screen_template_form screen__espresso_form = {.nplace = 3, .letters = PETSC_FALSE};

static PetscErrorCode write_input(const screen_oracle_job *job, screen_refusal *why)
{
  PetscFunctionBegin;
  PetscCall(screen__template_write(job, "in.in", why));
  PetscFunctionReturn(0);
}

/* "!    total energy              =     -16.85744198 Ry" */
static void take_energy(screen_output *o, mtp_span line, PetscInt number)
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
static void take_site(screen_output *o, mtp_span line, PetscInt number)
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
static void take_volume(screen_output *o, mtp_span line, PetscInt number)
{
  const PetscReal wanted = mtp_config_extent(o->asked) / (MD_BOHR * MD_BOHR * MD_BOHR);
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
static PetscBool take_force(screen_output *o, mtp_span line, PetscInt i)
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
static void take_forces(screen_output *o, mtp_span title, PetscInt at)
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
  screen__output_count(o, at, n);
}

static void take_stress(screen_output *o, mtp_span title, PetscInt at)
{
  o->stresses++;
  if (screen__contains(title, "(Ry/bohr**3)"))
    screen__output_stress(o, at, 6, "", RYDBERG / (MD_BOHR * MD_BOHR * MD_BOHR));
  else
    screen__refuse_line(o->why, at, "stress in Ry/bohr**3 wanted", title);
}

/* "Program PWSCF v.6.7MaX starts on 28Nov2026 at 11:19:40" */
static PetscErrorCode take_version(screen_output *o, mtp_span line)
{
  mtp_span rest = line, word = {0};

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    if (!mtp_text_word(&rest, &word)) PetscFunctionReturn(0);
  }
  PetscCall(screen__output_version(o, "PWSCF ", word));
  PetscFunctionReturn(0);
}

static PetscErrorCode take_line(screen_output *o, mtp_span line, PetscInt number)
{
  PetscFunctionBegin;
  if (screen__begins(line, "Program PWSCF "))
    PetscCall(take_version(o, line));
  else if (screen__begins(line, "unit-cell volume"))
    take_volume(o, line, number);
  else if (screen__contains(line, " tau(") && !screen__contains(line, "cryst"))
    take_site(o, line, number);
  else if (screen__begins(line, "!") && screen__contains(line, "total energy"))
    take_energy(o, line, number);
  else if (screen__begins(line, "Forces acting on atoms"))
    take_forces(o, line, number);
  else if (screen__begins(line, "total   stress"))
    take_stress(o, line, number);
  PetscFunctionReturn(0);
}

const screen_output_form screen__espresso_output = {
    .line = take_line,
    .energy = "total energy (! total energy)",
    .forces = "forces (Forces acting on atoms)",
    .stress = "stress (total   stress)",
    .unconverged = "convergence NOT achieved",
    .end = "JOB DONE",
    .repeats = PETSC_TRUE,
};

const screen_oracle_kind screen__oracle_espresso = {.by = "Quantum ESPRESSO",
                                                    .form = &screen__espresso_form,
                                                    .output = &screen__espresso_output,
                                                    .write = write_input,
                                                    .read = screen__output_read};
