/* screening/screen_formula.c - formula = { (element | "(" formula ")") count }, read recursively */
#include "screening/screen_formula.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "md/md_atoms.h"
#include "screening/screen_notes.h"

enum { DEPTH_MAX = 8 };

typedef struct {
  const char *text, *next;
  const char *wanted; /* what stopped the reading; NULL while all is well */
  char word[4];       /* element that it is about, or "" */
} reader;

/* A count after an element or a group: 1 when there are no digits. */
static PetscInt read_count(reader *r)
{
  PetscInt count = 0;

  if (!isdigit((unsigned char)*r->next)) return 1;
  if (*r->next == '0') r->wanted = "counts that do not begin with 0";
  for (; isdigit((unsigned char)*r->next); r->next++) {
    count = PetscMin(10 * count + (*r->next - '0'), SCREEN_FORMULA_ATOMS + 1);
  }
  if (count > SCREEN_FORMULA_ATOMS) r->wanted = "at most 10000 atoms in a formula unit";
  return count;
}

static void add_atoms(reader *r, screen_formula *f, const char *symbol, PetscInt count)
{
  PetscInt k = 0, total = count;

  for (PetscInt i = 0; i < f->n; i++) total += f->count[i];
  if (total > SCREEN_FORMULA_ATOMS) r->wanted = "at most 10000 atoms in a formula unit";
  while (k < f->n && strcmp(f->symbol[k], symbol)) k++;
  if (k == SCREEN_FORMULA_ELEMENTS) r->wanted = "at most 16 different elements";
  if (r->wanted) return;
  if (k == f->n) {
    snprintf(f->symbol[k], sizeof(f->symbol[k]), "%s", symbol);
    f->count[k] = 0;
    f->n++;
  }
  f->count[k] += count;
}

static void read_element(reader *r, screen_formula *f)
{
  char symbol[4] = {*r->next++, '\0', '\0', '\0'};
  PetscReal mass, volume;

  if (islower((unsigned char)*r->next)) symbol[1] = *r->next++;
  if (!md_element_lookup(symbol, &mass, &volume)) {
    r->wanted = "chemical elements";
    snprintf(r->word, sizeof(r->word), "%s", symbol);
    return;
  }
  add_atoms(r, f, symbol, read_count(r));
}

static void read_formula(reader *r, screen_formula *f, PetscInt depth);

static void read_group(reader *r, screen_formula *f, PetscInt depth)
{
  screen_formula inner = {.n = 0};
  PetscInt count;

  r->next++;
  if (depth == DEPTH_MAX) r->wanted = "parentheses at most 8 deep";
  if (r->wanted) return;
  read_formula(r, &inner, depth + 1);
  if (!r->wanted && *r->next != ')') r->wanted = "a closing parenthesis";
  if (!r->wanted && inner.n == 0) r->wanted = "something between the parentheses";
  if (r->wanted) return;
  r->next++;
  count = read_count(r);
  for (PetscInt i = 0; i < inner.n && !r->wanted; i++) {
    add_atoms(r, f, inner.symbol[i], inner.count[i] * count);
  }
}

static void read_formula(reader *r, screen_formula *f, PetscInt depth)
{
  while (!r->wanted && *r->next && *r->next != ')') {
    if (isupper((unsigned char)*r->next))
      read_element(r, f);
    else if (*r->next == '(')
      read_group(r, f, depth);
    else
      r->wanted = "element symbols, counts and parentheses, such as CaCl2 or Ca(OH)2";
  }
}

static PetscReal formula_mass(const screen_formula *f)
{
  PetscReal sum = 0.0, mass, volume;

  for (PetscInt i = 0; i < f->n; i++) {
    if (md_element_lookup(f->symbol[i], &mass, &volume)) sum += (PetscReal)f->count[i] * mass;
  }
  return sum;
}

PetscBool screen_formula_parse(const char *text, screen_formula *formula,
                               char problem[SCREEN_FORMULA_PROBLEM])
{
  reader r = {.text = text, .next = text};
  char shown[48];

  *formula = (screen_formula){.n = 0};
  read_formula(&r, formula, 0);
  if (!r.wanted && *r.next == ')') r.wanted = "an opening parenthesis for each closing one";
  if (!r.wanted && formula->n == 0) {
    r.wanted = "element symbols, counts and parentheses, such as CaCl2 or Ca(OH)2";
  }
  if (r.wanted) {
    snprintf(problem, SCREEN_FORMULA_PROBLEM, "got '%s'%s%s%s, wanted %s",
             screen_shown(text, sizeof(shown), shown), r.word[0] ? " with '" : "", r.word,
             r.word[0] ? "'" : "", r.wanted);
    return PETSC_FALSE;
  }
  formula->mass_u = formula_mass(formula);
  return PETSC_TRUE;
}
