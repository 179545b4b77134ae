/* screening/screen_oracle_cp2k.c - CP2K: an input from a template, labels from its output
 *
 * The template is a whole input of CP2K in which two lines stand for what changes:
 *   @CELL@   in &CELL, becomes the lines A, B, C with the lattice vectors in Å
 *   @COORD@  in &COORD, becomes one line an atom: element and position in Å
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

/* Template ------------------------------------------------------------------------------------ */

enum { NPLACE = 2 };
static const char *const places[NPLACE] = {"@CELL@", "@COORD@"};

/* Length of a placeholder at `at`, 0 for none: CP2K's own directives (@SET, @INCLUDE) have no
   second '@'. */
static size_t placeholder(const char *at)
{
  size_t n = 1;

  if (*at != '@') return 0;
  while (isupper((unsigned char)at[n]) || at[n] == '_') n++;
  return n > 1 && at[n] == '@' ? n + 1 : 0;
}

static int place_of(const char *at, size_t n)
{
  for (int k = 0; k < NPLACE; k++) {
    if (strlen(places[k]) == n && !strncmp(places[k], at, n)) return k;
  }
  return -1;
}

/* A line without its newline. */
typedef struct {
  const char *at;
  size_t n, blanks; /* blanks: in front */
} line_span;

static line_span next_line(const char **at)
{
  line_span line = {.at = *at, .n = strcspn(*at, "\n")};

  while (line.blanks < line.n && mtp_text_is_blank(line.at[line.blanks])) line.blanks++;
  *at += line.n + (line.at[line.n] == '\n');
  return line;
}

/* The only thing on its line? */
static PetscBool stands_alone(const line_span *line, const char *at, size_t n)
{
  size_t k = (size_t)(at - line->at) + n;

  while (k < line->n && mtp_text_is_blank(line->at[k])) k++;
  return (PetscBool)(at == line->at + line->blanks && k == line->n);
}

static PetscErrorCode check_line(const char *path, PetscInt number, const line_span *line,
                                 PetscInt seen[NPLACE], const screen_yaml *node,
                                 screen_notes *notes)
{
  PetscFunctionBegin;
  for (size_t k = line->blanks; k < line->n; k++) {
    const size_t n = placeholder(line->at + k);
    const int which = n ? place_of(line->at + k, n) : -1;

    if (line->at[k] == '!' || line->at[k] == '#') break; /* a comment */
    if (!n) continue;
    if (which < 0)
      PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                                 "%s:%" PetscInt_FMT ": got %.*s, wanted @CELL@ or @COORD@", path,
                                 number, (int)PetscMin(n, 60), line->at + k));
    else if (!stands_alone(line, line->at + k, n))
      PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                                 "%s:%" PetscInt_FMT ": got %s beside something else, wanted it "
                                 "alone on its line",
                                 path, number, places[which]));
    else if (seen[which])
      PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                                 "%s:%" PetscInt_FMT ": got %s again, it is on line %" PetscInt_FMT,
                                 path, number, places[which], seen[which]));
    else
      seen[which] = number;
    k += n - 1;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__cp2k_check(const char *path, const char *text, const screen_yaml *node,
                                  screen_notes *notes)
{
  PetscInt seen[NPLACE] = {0}, number = 0;
  const char *at = text;

  PetscFunctionBegin;
  while (*at) {
    const line_span line = next_line(&at);

    PetscCall(check_line(path, ++number, &line, seen, node, notes));
  }
  for (int k = 0; k < NPLACE; k++) {
    if (seen[k]) continue;
    PetscCall(screen_notes_add(notes, node->line, node->column, node->path,
                               "%s:%" PetscInt_FMT ": got the end without %s", path,
                               PetscMax(number, 1), places[k]));
  }
  PetscFunctionReturn(0);
}

static void write_cell(const mtp_config *c, const line_span *line, FILE *out)
{
  for (int a = 0; a < 3; a++)
    (void)fprintf(out, "%.*s%c %.17g %.17g %.17g\n", (int)line->blanks, line->at, "ABC"[a],
                  (double)c -> h[a][0], (double)c -> h[a][1], (double)c -> h[a][2]);
}

static void write_atoms(const mtp_config *c, const screen_names *species, const line_span *line,
                        FILE *out)
{
  for (PetscInt i = 0; i < c->n; i++)
    (void)fprintf(out, "%.*s%s %.17g %.17g %.17g\n", (int)line->blanks, line->at,
                  species->name[c->type[i]], (double)c->x[3 * i], (double)c->x[3 * i + 1],
                  (double)c->x[3 * i + 2]);
}

PetscErrorCode screen__cp2k_input(const char *template_text, const mtp_config *config,
                                  const screen_names *species, char **input)
{
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  const char *at = template_text;
  locale_t old;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for an input");
  PetscCall(mtp_text_locale_push(&old));
  while (*at) {
    const line_span line = next_line(&at);
    const size_t n = placeholder(line.at + line.blanks);
    const int which = n ? place_of(line.at + line.blanks, n) : -1;

    if (which == 0)
      write_cell(config, &line, out);
    else if (which == 1)
      write_atoms(config, species, &line, out);
    else
      (void)fprintf(out, "%.*s\n", (int)line.n, line.at);
  }
  mtp_text_locale_pop(old);
  (void)fclose(out);
  PetscCall(PetscStrallocpy(text, input));
  free(text);
  PetscFunctionReturn(0);
}

static PetscErrorCode write_input(const screen_oracle_job *job, screen_refusal *why)
{
  char *input;

  PetscFunctionBegin;
  if (job->asked->nlattice != 3) {
    screen__oracle_refuse(why, PETSC_TRUE,
                          "got %" PetscInt_FMT " lattice vectors, CP2K's template wants three",
                          job->asked->nlattice);
    PetscFunctionReturn(0);
  }
  PetscCall(screen__cp2k_input(job->oracle->template_text, job->asked, job->species, &input));
  PetscCall(screen__oracle_write(job->folder, "in.inp", input, strlen(input)));
  PetscCall(PetscFree(input));
  PetscFunctionReturn(0);
}

/* Output -------------------------------------------------------------------------------------- */

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

static PetscBool begins(mtp_span s, const char *with)
{
  const size_t n = strlen(with);

  return (PetscBool)(s.n >= n && !memcmp(s.at, with, n));
}

static PetscBool contains(mtp_span s, const char *what)
{
  const size_t n = strlen(what);

  for (; s.n >= n; s.at++, s.n--) {
    if (!memcmp(s.at, what, n)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* What stands between the first '[' and the ']' behind it. */
static mtp_span unit_of(mtp_span s)
{
  const char *from = s.n ? memchr(s.at, '[', s.n) : NULL;
  const char *to = from ? memchr(from, ']', s.n - (size_t)(from - s.at)) : NULL;

  return to ? (mtp_span){.at = from + 1, .n = (size_t)(to - from) - 1} : (mtp_span){0};
}

/* The last `n` words of a line, as numbers. */
static PetscBool last_numbers(mtp_span line, int n, PetscReal value[])
{
  mtp_span s = mtp_text_trim(line);

  for (int k = n - 1; k >= 0; k--) {
    size_t from = s.n;

    while (from > 0 && !mtp_text_is_blank(s.at[from - 1])) from--;
    if (mtp_text_real((mtp_span){.at = s.at + from, .n = s.n - from}, &value[k]) != MTP_NUMBER_OK)
      return PETSC_FALSE;
    s = mtp_text_trim((mtp_span){.at = s.at, .n = from});
  }
  return PETSC_TRUE;
}

static void refuse_line(cp2k_output *o, PetscInt number, const char *what, mtp_span got)
{
  screen__oracle_refuse(o->why, PETSC_FALSE, "out:%" PetscInt_FMT ": %s: got %s", number, what,
                        mtp_span_quote(mtp_text_trim(got)).text);
}

static void take_energy(cp2k_output *o, mtp_span line, PetscInt number)
{
  const mtp_span unit = unit_of(line);
  PetscReal value;

  o->energies++;
  if (!mtp_span_is(unit, "a.u.") && !mtp_span_is(unit, "hartree"))
    refuse_line(o, number, "energy in a.u. wanted", unit);
  else if (!last_numbers(line, 1, &value))
    refuse_line(o, number, "an energy wanted", line);
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
  if (!last_numbers(rest, 3, o->label->force + 3 * i)) return PETSC_FALSE;
  for (int a = 0; a < 3; a++) o->label->force[3 * i + a] *= MD_HARTREE / MD_BOHR;
  return PETSC_TRUE;
}

static void take_forces(cp2k_output *o, mtp_span title, PetscInt at)
{
  mtp_span line;
  PetscInt number, n = 0;

  o->forces++;
  if (!mtp_span_is(unit_of(title), "a.u.")) {
    refuse_line(o, at, "forces in a.u. wanted", title);
    return;
  }
  while (mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (line.n == 0 || line.at[0] == '#') continue;
    if (begins(line, "SUM OF ATOMIC FORCES")) break;
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
  const mtp_span unit = unit_of(title);
  const PetscReal scale = mtp_span_is(unit, "GPa") ? GPA : mtp_span_is(unit, "bar") ? BAR : 0.0;
  PetscReal s[3][3];
  mtp_span line;
  PetscInt number = at;

  o->stresses++;
  if (scale == 0.0) {
    refuse_line(o, at, "stress in GPa or bar wanted", title);
    return;
  }
  if (!mtp_text_line(&o->t, &line, &number)) line = (mtp_span){0}; /* names of columns */
  for (int a = 0; a < 3; a++) {
    if (mtp_text_line(&o->t, &line, &number) && begins(mtp_text_trim(line), "STRESS|") &&
        last_numbers(line, 3, s[a]))
      continue;
    refuse_line(o, number, "three rows of the stress wanted", line);
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
    if (begins(line, "CP2K| version string:"))
      PetscCall(take_version(o, line));
    else if (contains(line, "SCF run NOT converged"))
      o->converged = PETSC_FALSE;
    else if (begins(line, "ENERGY| Total FORCE_EVAL"))
      take_energy(o, line, number);
    else if (begins(line, "ATOMIC FORCES in "))
      take_forces(o, line, number);
    else if (begins(line, "STRESS| Analytical stress tensor ["))
      take_stress(o, line, number);
    else if (contains(line, "PROGRAM ENDED AT"))
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

static PetscReal volume_of(const mtp_config *c)
{
  const PetscReal(*h)[3] = c->h;

  return PetscAbsReal(h[0][0] * (h[1][1] * h[2][2] - h[1][2] * h[2][1]) -
                      h[0][1] * (h[1][0] * h[2][2] - h[1][2] * h[2][0]) +
                      h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0]));
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
  for (int k = 0; k < 6; k++) label->stress[k] = o.stress[k] * volume_of(asked);
  PetscFunctionReturn(0);
}

static PetscErrorCode read_output(const screen_oracle_job *job, mtp_config *label,
                                  screen_refusal *why)
{
  char *text, said[64];
  size_t length;

  PetscFunctionBegin;
  PetscCall(screen__oracle_load(job->folder, "out", &text, &length));
  if (!text) {
    screen__oracle_refuse(why, PETSC_FALSE, "out cannot be read");
    PetscFunctionReturn(0);
  }
  PetscCall(screen__cp2k_parse(text, length, job->asked, job->species, label, why));
  PetscCall(PetscFree(text));
  if (job->status != 0 && !why->final) { /* that SCF did not converge says more */
    why->text[0] = 0;
    screen__oracle_refuse(why, PETSC_FALSE, "%s",
                          screen_process_said(job->status, sizeof(said), said));
  }
  PetscFunctionReturn(0);
}

const screen_oracle_kind screen__oracle_cp2k = {
    .by = "CP2K", .write = write_input, .read = read_output};
