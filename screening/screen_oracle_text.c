/* screening/screen_oracle_text.c - what inputs and outputs of the codes share: templates, and words
 * and numbers of lines
 *
 * A template is a whole input in which placeholders stand for what changes:
 *   @CELL@   alone on its line, becomes three lines with the lattice vectors in Å
 *   @COORD@  alone on its line, becomes one line an atom: element and position in Å
 *   @NAT@    anywhere, becomes the number of atoms (where the code wants it)
 * CP2K's own directives (@SET, @INCLUDE) have no second '@' and are left alone.
 */
#include "screening/screen_oracle_impl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Template ------------------------------------------------------------------------------------ */

enum { CELL, COORD, NAT, NPLACE };
static const char *const places[NPLACE] = {"@CELL@", "@COORD@", "@NAT@"};

/* Length of a placeholder at `at`, 0 for none. */
static size_t placeholder(const char *at)
{
  size_t n = 1;

  if (*at != '@') return 0;
  while (isupper((unsigned char)at[n]) || at[n] == '_') n++;
  return n > 1 && at[n] == '@' ? n + 1 : 0;
}

static int place_of(const screen_template_form *form, const char *at, size_t n)
{
  for (int k = 0; k < NPLACE && k < form->nplace; k++) {
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

/* A place in a template, and where its faults are noted. */
typedef struct {
  const char *path;
  PetscInt line;
  const screen_yaml *node;
  screen_notes *notes;
} template_place;

static PetscErrorCode note(const template_place *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static PetscErrorCode note(const template_place *p, const char *format, ...)
{
  char text[200];
  va_list args;

  PetscFunctionBegin;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  PetscCall(screen_notes_add(p->notes, p->node->line, p->node->column, p->node->path,
                             "%s:%" PetscInt_FMT ": %s", p->path, p->line, text));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_line(const screen_template_form *form, const template_place *p,
                                 const line_span *line, PetscInt seen[NPLACE])
{
  PetscFunctionBegin;
  for (size_t k = line->blanks; k < line->n; k++) {
    const size_t n = placeholder(line->at + k);
    const int which = n ? place_of(form, line->at + k, n) : -1;

    if (line->at[k] == '!' || line->at[k] == '#') break; /* a comment */
    if (!n) continue;
    if (which < 0)
      PetscCall(note(p, "got %.*s, wanted @CELL@%s", (int)PetscMin(n, 60), line->at + k,
                     form->nplace > NAT ? ", @COORD@ or @NAT@" : " or @COORD@"));
    else if (which != NAT && !stands_alone(line, line->at + k, n))
      PetscCall(
          note(p, "got %s beside something else, wanted it alone on its line", places[which]));
    else if (seen[which])
      PetscCall(note(p, "got %s again, it is on line %" PetscInt_FMT, places[which], seen[which]));
    else
      seen[which] = p->line;
    k += n - 1;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__template_check(const screen_template_form *form, const char *path,
                                      const char *text, const screen_yaml *node,
                                      screen_notes *notes)
{
  template_place p = {.path = path, .node = node, .notes = notes};
  PetscInt seen[NPLACE] = {0};
  const char *at = text;

  PetscFunctionBegin;
  while (*at) {
    const line_span line = next_line(&at);

    p.line++;
    PetscCall(check_line(form, &p, &line, seen));
  }
  p.line = PetscMax(p.line, 1);
  for (int k = 0; k < NPLACE && k < form->nplace; k++) {
    if (!seen[k]) PetscCall(note(&p, "got the end without %s", places[k]));
  }
  PetscFunctionReturn(0);
}

static void write_cell(const screen_template_form *form, const mtp_config *c, const line_span *line,
                       FILE *out)
{
  static const char *const letter[3] = {"A ", "B ", "C "};

  for (int a = 0; a < 3; a++)
    (void)fprintf(out, "%.*s%s%.17g %.17g %.17g\n", (int)line->blanks, line->at,
                  form->letters ? letter[a] : "", (double)c->h[a][0], (double)c->h[a][1],
                  (double)c->h[a][2]);
}

static void write_atoms(const mtp_config *c, const screen_names *species, const line_span *line,
                        FILE *out)
{
  for (PetscInt i = 0; i < c->n; i++)
    (void)fprintf(out, "%.*s%s %.17g %.17g %.17g\n", (int)line->blanks, line->at,
                  species->name[c->type[i]], (double)c->x[3 * i], (double)c->x[3 * i + 1],
                  (double)c->x[3 * i + 2]);
}

/* A line of the template, with numbers of atoms filled in. */
static void write_line(const screen_template_form *form, const mtp_config *c, const line_span *line,
                       FILE *out)
{
  PetscBool comment = PETSC_FALSE;

  for (size_t k = 0; k < line->n; k++) {
    const size_t n = placeholder(line->at + k);

    if (line->at[k] == '!' || line->at[k] == '#') comment = PETSC_TRUE;
    if (n && !comment && place_of(form, line->at + k, n) == NAT) {
      (void)fprintf(out, "%" PetscInt_FMT, c->n);
      k += n - 1;
    } else {
      (void)fputc(line->at[k], out);
    }
  }
  (void)fputc('\n', out);
}

PetscErrorCode screen__template_fill(const screen_template_form *form, const char *template_text,
                                     const mtp_config *config, const screen_names *species,
                                     char **input)
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
    const int which = n ? place_of(form, line.at + line.blanks, n) : -1;

    if (which == CELL)
      write_cell(form, config, &line, out);
    else if (which == COORD)
      write_atoms(config, species, &line, out);
    else
      write_line(form, config, &line, out);
  }
  mtp_text_locale_pop(old);
  (void)fclose(out);
  PetscCall(PetscStrallocpy(text, input));
  free(text);
  PetscFunctionReturn(0);
}

/* Outputs ------------------------------------------------------------------------------------- */

PetscBool screen__begins(mtp_span s, const char *with)
{
  const size_t n = strlen(with);

  return (PetscBool)(s.n >= n && !memcmp(s.at, with, n));
}

PetscBool screen__contains(mtp_span s, const char *what)
{
  const size_t n = strlen(what);

  for (; s.n >= n; s.at++, s.n--) {
    if (!memcmp(s.at, what, n)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

mtp_span screen__unit_of(mtp_span s)
{
  const char *from = s.n ? memchr(s.at, '[', s.n) : NULL;
  const char *to = from ? memchr(from, ']', s.n - (size_t)(from - s.at)) : NULL;

  return to ? (mtp_span){.at = from + 1, .n = (size_t)(to - from) - 1} : (mtp_span){0};
}

PetscBool screen__last_numbers(mtp_span line, int n, PetscReal value[])
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

void screen__refuse_line(screen_refusal *why, PetscInt number, const char *what, mtp_span got)
{
  screen__oracle_refuse(why, PETSC_FALSE, "out:%" PetscInt_FMT ": %s: got %s", number, what,
                        mtp_span_quote(mtp_text_trim(got)).text);
}

PetscErrorCode screen__template_write(const screen_oracle_job *job, const char *name,
                                      screen_refusal *why)
{
  const screen_template_form *form = screen__oracle_kind(job->oracle->type)->form;
  char *input;

  PetscFunctionBegin;
  if (job->asked->nlattice != 3) {
    screen__oracle_refuse(why, PETSC_TRUE,
                          "got %" PetscInt_FMT " lattice vectors, the template wants three",
                          job->asked->nlattice);
    PetscFunctionReturn(0);
  }
  PetscCall(
      screen__template_fill(form, job->oracle->template_text, job->asked, job->species, &input));
  PetscCall(screen__oracle_write(job->folder, name, input, strlen(input)));
  PetscCall(PetscFree(input));
  PetscFunctionReturn(0);
}

void screen__output_count(screen_output *o, PetscInt at, PetscInt n)
{
  if (n != o->asked->n)
    screen__oracle_refuse(o->why, PETSC_FALSE,
                          "out:%" PetscInt_FMT ": got forces of %" PetscInt_FMT
                          " atoms, wanted %" PetscInt_FMT,
                          at, n, o->asked->n);
}

void screen__output_stress(screen_output *o, PetscInt at, int ncolumn, const char *begins,
                           PetscReal scale)
{
  static const int index[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  PetscReal s[3][6] = {{0.0}};
  mtp_span line = {0};
  PetscInt number = at;

  for (int a = 0; a < 3; a++) {
    if (mtp_text_line(&o->t, &line, &number) && screen__begins(mtp_text_trim(line), begins) &&
        screen__last_numbers(line, ncolumn, s[a]))
      continue;
    screen__refuse_line(o->why, number, "three rows of the stress wanted", line);
    return;
  }
  for (int k = 0; k < 6; k++)
    o->stress[k] = scale * 0.5 * (s[index[k][0]][index[k][1]] + s[index[k][1]][index[k][0]]);
}

PetscErrorCode screen__output_version(screen_output *o, const char *name, mtp_span words)
{
  char text[100];

  PetscFunctionBegin;
  snprintf(text, sizeof(text), "%s%.*s", name, (int)PetscMin(words.n, 79), words.at);
  for (char *c = text; *c; c++) {
    if (!isprint((unsigned char)*c)) *c = '?';
  }
  PetscCall(mtp_config_set_feature(o->label, "oracle_version", text));
  PetscFunctionReturn(0);
}

/* What is missing; SCF that did not converge goes before all else, for it stays so. */
static void judge(const screen_output_form *form, screen_output *o)
{
  const char *const what[4] = {form->energy, form->forces, form->stress, "unit-cell volume"};
  const PetscInt n[4] = {o->energies, o->forces, o->stresses, o->volumes};
  const int nwhat = form->repeats ? 4 : 3;

  if (!o->converged) {
    o->why->text[0] = 0;
    screen__oracle_refuse(o->why, PETSC_TRUE, "%s", form->unconverged);
  }
  for (int k = 0; k < nwhat; k++) {
    if (n[k] > 1)
      screen__oracle_refuse(o->why, PETSC_FALSE, "out: got %s %" PetscInt_FMT " times, wanted once",
                            what[k], n[k]);
  }
  if (!o->ended)
    screen__oracle_refuse(o->why, PETSC_FALSE, "out: got the end without %s", form->end);
  for (int k = 0; k < nwhat; k++) {
    if (n[k] == 0) screen__oracle_refuse(o->why, PETSC_FALSE, "out: got no %s", what[k]);
  }
  if (form->repeats && o->sites != o->asked->n)
    screen__oracle_refuse(o->why, PETSC_FALSE,
                          "out: got %" PetscInt_FMT " atoms, wanted %" PetscInt_FMT, o->sites,
                          o->asked->n);
}

static PetscErrorCode read_lines(const screen_output_form *form, screen_output *o)
{
  mtp_span line;
  PetscInt number;

  PetscFunctionBegin;
  while (mtp_text_line(&o->t, &line, &number)) {
    line = mtp_text_trim(line);
    if (screen__contains(line, form->unconverged))
      o->converged = PETSC_FALSE;
    else if (screen__contains(line, form->end))
      o->ended = PETSC_TRUE;
    else
      PetscCall(form->line(o, line, number));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__output_parse(const screen_output_form *form, const char *text, size_t length,
                                    const mtp_config *asked, const screen_names *species,
                                    mtp_config *label, screen_refusal *why)
{
  screen_output o = {.t = {.name = "out", .at = text, .end = text + length, .line = 1},
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
  ierr = read_lines(form, &o);
  mtp_text_locale_pop(old);
  PetscCall(ierr);
  judge(form, &o);
  if (why->text[0]) PetscFunctionReturn(0);
  label->has_energy = label->has_stress = PETSC_TRUE;
  label->energy = o.energy;
  for (int k = 0; k < 6; k++) label->stress[k] = o.stress[k] * mtp_config_extent(asked);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__output_read(const screen_oracle_job *job, mtp_config *label,
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
  PetscCall(screen__output_parse(screen__oracle_kind(job->oracle->type)->output, text, length,
                                 job->asked, job->species, label, why));
  PetscCall(PetscFree(text));
  if (job->status != 0 && !why->final) { /* that SCF did not converge says more */
    why->text[0] = 0;
    screen__oracle_refuse(why, PETSC_FALSE, "%s",
                          screen_process_said(job->status, sizeof(said), said));
  }
  PetscFunctionReturn(0);
}
