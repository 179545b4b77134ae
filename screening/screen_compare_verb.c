/* screening/screen_compare_verb.c - `liquidus compare DIR DATA... [--out DIR] [--json]
 * [--include-flagged] [--fail-if EXPRESSION]` */
#include "screening/screen_cli.h"
#include "screening/screen_compare.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Expressions ------------------------------------------------------------------------------ */

/* The next word or sign: letters, digits, '.', '_', '%' and '-', or '<', '>', '<=', '>='. */
static const char *next_token(const char *at, size_t size, char token[])
{
  size_t n = 0;

  at += strspn(at, " \t");
  if (*at == '<' || *at == '>') {
    token[n++] = *at++;
    if (*at == '=') token[n++] = *at++;
  } else {
    while ((isalnum((unsigned char)*at) || (*at && strchr("._%-+", *at))) && n + 1 < size)
      token[n++] = *at++;
  }
  token[n] = 0;
  return at;
}

static PetscBool statistic(const screen_verdict *v, const char *name, PetscReal *value)
{
  const struct {
    const char *name;
    PetscReal value;
  } list[] = {{"n", (PetscReal)v->n}, {"bias", fabs(v->bias)}, {"mape", v->mape},
              {"rmse", v->rmse},      {"chi2", v->chi2},       {"coverage", v->coverage}};

  for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
    if (strcmp(list[i].name, name)) continue;
    *value = list[i].value;
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscBool compare_numbers(PetscReal a, const char *sign, PetscReal b)
{
  if (!strcmp(sign, "<")) return (PetscBool)(a < b);
  if (!strcmp(sign, "<=")) return (PetscBool)(a <= b);
  if (!strcmp(sign, ">")) return (PetscBool)(a > b);
  return (PetscBool)(a >= b);
}

/* One comparison: whether it holds for any property it is about. */
static const char *one_term(const char *at, PetscInt n, const screen_verdict verdict[],
                            const char *const name[], PetscBool *holds, char problem[256])
{
  const screen_verdict none = {0};
  char left[64], sign[4], right[64], *end, *dot;
  PetscBool known = PETSC_FALSE;
  PetscReal limit, value;

  at = next_token(at, sizeof(left), left);
  at = next_token(at, sizeof(sign), sign);
  at = next_token(at, sizeof(right), right);
  *holds = PETSC_FALSE;
  dot = strchr(left, '.');
  limit = strtod(right, &end);
  if (!statistic(&none, dot ? dot + 1 : left, &value) || !strchr("<>", sign[0]) || !sign[0] ||
      end == right || (*end && strcmp(end, "%"))) {
    snprintf(problem, 256, "got '%s %s %s', wanted a comparison such as density.mape > 2%%", left,
             sign, right);
    return at;
  }
  if (*end) limit *= 0.01;
  if (dot) *dot = 0;
  for (PetscInt i = 0; i < n; i++) {
    if (dot && strcmp(left, name[i])) continue;
    known = PETSC_TRUE;
    (void)statistic(&verdict[i], dot ? dot + 1 : left, &value);
    if (compare_numbers(value, sign, limit) && (verdict[i].n || !strcmp(dot ? dot + 1 : left, "n")))
      *holds = PETSC_TRUE;
  }
  if (dot && !known) snprintf(problem, 256, "got '%s', which was not compared", left);
  return at;
}

void screen_compare_fails(const char *expression, PetscInt n, const screen_verdict verdict[],
                          const char *const name[], PetscBool *holds, char problem[256])
{
  PetscBool all = PETSC_TRUE, term;
  char word[64];

  *holds = PETSC_FALSE;
  problem[0] = 0;
  for (const char *at = expression; !problem[0];) {
    at = one_term(at, n, verdict, name, &term, problem);
    all = (PetscBool)(all && term);
    at = next_token(at, sizeof(word), word);
    if (!strcmp(word, "and")) continue;
    *holds = (PetscBool)(*holds || all);
    all = PETSC_TRUE;
    if (!word[0] && at[strspn(at, " \t")] == 0) break;
    if (strcmp(word, "or") && !problem[0])
      snprintf(problem, 256, "got '%s', wanted and, or, or the end", word[0] ? word : at);
  }
}

/* The verb --------------------------------------------------------------------------------- */

enum { MAX_FILES = 64 };
typedef struct {
  const char *directory, *out, *fail;
  PetscBool json, flagged;
  PetscInt n;
  const char *file[MAX_FILES];
} options;

static PetscErrorCode parse(int argc, char **argv, options *o, screen_exit *code)
{
  PetscFunctionBegin;
  *o = (options){0};
  for (int i = 1; i < argc; i++) {
    const PetscBool more = (PetscBool)(i + 1 < argc);

    if (!strcmp(argv[i], "--json"))
      o->json = PETSC_TRUE;
    else if (!strcmp(argv[i], "--include-flagged"))
      o->flagged = PETSC_TRUE;
    else if ((!strcmp(argv[i], "--out") || !strcmp(argv[i], "-o")) && more)
      o->out = argv[++i];
    else if (!strcmp(argv[i], "--fail-if") && more)
      o->fail = argv[++i];
    else if (argv[i][0] == '-')
      PetscCall(screen_cli_refuse(
          "compare", code,
          "got '%s', wanted --out DIR, --json, --include-flagged or --fail-if EXPRESSION",
          argv[i]));
    else if (!o->directory)
      o->directory = argv[i];
    else if (o->n < MAX_FILES)
      o->file[o->n++] = argv[i];
  }
  if (*code == SCREEN_EXIT_DONE && (!o->directory || o->n == 0))
    PetscCall(screen_cli_refuse("compare", code, "wanted a directory and CSV files with numbers"));
  PetscFunctionReturn(0);
}

static PetscErrorCode test_expression(const screen_compare_view *view, const char *expression,
                                      screen_exit *code)
{
  const screen_comparisons *all = view->all;
  screen_verdict *verdict;
  const char **name;
  char problem[256];
  PetscBool holds;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(all->n, &verdict, all->n, &name));
  for (PetscInt i = 0; i < all->n; i++) {
    verdict[i] = all->comparison[i].verdict;
    name[i] = prop_get((PetscInt)all->comparison[i].id)->name;
  }
  screen_compare_fails(expression, all->n, verdict, name, &holds, problem);
  PetscCall(PetscFree2(verdict, name));
  if (problem[0]) {
    PetscCall(screen_cli_refuse("compare", code, "--fail-if: %s", problem));
  } else if (holds) {
    fprintf(stderr, "liquidus compare: fails: %s\n", expression);
    *code = SCREEN_EXIT_PARTIAL;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode compare(const options *o, const screen_dataset *data,
                              const screen_measurements *measured, screen_exit *code)
{
  screen_comparisons all;
  const screen_compare_view view = {data, measured, &all, o->flagged};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(screen_compare_make(data, measured, o->flagged, &all));
  ierr = 0;
  if (o->json)
    ierr = screen_compare_json(&view, stdout);
  else
    screen_compare_print(&view, stdout);
  if (!ierr && o->out) ierr = screen_compare_files(&view, o->out);
  if (!ierr && o->fail) ierr = test_expression(&view, o->fail, code);
  PetscCall(screen_compare_clear(&all));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_compare(int argc, char **argv, screen_exit *code)
{
  options o;
  screen_dataset data = {0};
  screen_measurements measured = {0};
  mtp_diag diag = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(parse(argc, argv, &o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  ierr = screen_compare_read(o.directory, o.n, o.file, &data, &measured, &diag);
  if (!ierr) ierr = screen_cli_report(&diag, code);
  if (!ierr && *code == SCREEN_EXIT_DONE) ierr = compare(&o, &data, &measured, code);
  PetscCall(screen_measured_clear(&measured));
  PetscCall(screen_dataset_clear(&data));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
