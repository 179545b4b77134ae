/* screening/screen_campaign_liquidus.c - where the grid is no liquid: conditions.liquid_above
 *
 * One value { CaCl2: 0.737, T: 914 K }, a list of them, or a CSV file with its source:
 *
 *   # who measured it, and where it is published
 *   CaCl2,T_K
 *   0.282,950
 *
 * Rules of interpolation stand in screen_campaign.h.
 */
#include "screening/screen_campaign_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME 1e-6 /* two fractions as near as this are one */

static const screen_range temperatures = {SCREEN_DIM_TEMPERATURE, "1 K", "20000 K"};
static const screen_range fractions = {SCREEN_DIM_FRACTION, "0", "1"};

static PetscErrorCode append(screen_campaign *c, PetscReal fraction, PetscReal temperature)
{
  PetscFunctionBegin;
  PetscCall(PetscRealloc(sizeof(screen_liquidus) * (size_t)(c->nliquidus + 1), &c->liquidus));
  c->liquidus[c->nliquidus++] = (screen_liquidus){fraction, temperature};
  PetscFunctionReturn(0);
}

/* Why a name cannot be the coordinate of the curve, or NULL; takes the first one as coordinate. */
static const char *take_coordinate(screen_campaign *c, PetscInt k)
{
  if (k < 0) return "wanted T or a component";
  if (c->share && c->share[k] != SCREEN_SHARE_FRACTION)
    return "wanted a component that is given as a fraction";
  if ((c->nliquidus > 0 || c->liquidus_component >= 0) && c->liquidus_component != k)
    return "wanted one component in all points";
  c->liquidus_component = k;
  return NULL;
}

/* { CaCl2: 0.737, T: 914 K } */
static PetscErrorCode read_point(screen_reader *r, screen_yaml *map)
{
  PetscReal fraction = 0.0, temperature = 0.0;
  PetscInt before = r->notes.n, ncoordinate = 0;
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (map->kind != SCREEN_YAML_MAP) {
    PetscCall(
        screen__note(r, map, "got no map, wanted a point such as { CaCl2: 0.737, T: 914 K }"));
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < map->n; i++) {
    screen_yaml *child = map->child[i];
    const char *problem = NULL;

    if (!strcmp(child->key, "T")) {
      PetscCall(screen_quantity_check(child, &temperatures, &temperature, &r->notes));
      continue;
    }
    problem = ncoordinate++ ? "wanted one component"
                            : take_coordinate(c, screen__component(c, child->key));
    if (problem)
      PetscCall(screen_notes_add(&r->notes, child->key_line, child->key_column, child->path,
                                 "got '%s', %s", child->key, problem));
    else
      PetscCall(screen_quantity_check(child, &fractions, &fraction, &r->notes));
  }
  if (!screen_yaml_get(map, "T"))
    PetscCall(screen__note_missing(r, map, "T", "a temperature, such as 914 K"));
  if (ncoordinate == 0 && c->nliquidus > 0)
    PetscCall(screen__note(r, map, "got no component, wanted one in all points"));
  if (r->notes.n == before) PetscCall(append(c, fraction, temperature));
  PetscFunctionReturn(0);
}

/* Files -------------------------------------------------------------------------------------- */

/* "CaCl2,T_K" */
static PetscErrorCode read_header(screen_reader *r, const char *path, PetscInt line, char *text)
{
  char *comma = strchr(text, ',');
  const char *problem = NULL;

  PetscFunctionBegin;
  if (comma) *comma = '\0';
  if (!comma || strcmp(comma + 1, "T_K"))
    problem = "wanted a component and T_K, such as CaCl2,T_K";
  else
    problem = take_coordinate(r->c, screen__component(r->c, text));
  if (problem) {
    PetscCall(mtp_diag_add(&r->files, path, line, 0, "got '%.60s', %s", text, problem));
  }
  PetscFunctionReturn(0);
}

/* "0.282,950" */
static PetscErrorCode read_row(screen_reader *r, const char *path, PetscInt line, const char *text)
{
  char *end;
  const double fraction = strtod(text, &end);
  const PetscBool first = (PetscBool)(end != text && *end == ',');
  const char *second = first ? end + 1 : text;
  const double temperature = first ? strtod(second, &end) : 0.0;

  PetscFunctionBegin;
  if (!first || end == second || *end || !(fraction >= 0.0 && fraction <= 1.0) ||
      !(temperature >= 1.0 && temperature <= 20000.0)) {
    PetscCall(mtp_diag_add(&r->files, path, line, 0,
                           "got '%.60s', wanted a fraction from 0 to 1 and a temperature in K from "
                           "1 to 20000, such as 0.282,950",
                           text));
    PetscFunctionReturn(0);
  }
  PetscCall(append(r->c, (PetscReal)fraction, (PetscReal)temperature));
  PetscFunctionReturn(0);
}

/* A line of the file; comments before the header say where the numbers are from. */
static PetscErrorCode read_line(screen_reader *r, const char *path, PetscInt line, char *text,
                                PetscBool *header)
{
  const char *words = text + strspn(text, "# \t");

  PetscFunctionBegin;
  text[strcspn(text, "\r\n")] = '\0';
  if (text[0] == '#') {
    if (*words && !r->c->liquidus_source) PetscCall(PetscStrallocpy(words, &r->c->liquidus_source));
  } else if (text[0] && !*header) {
    *header = PETSC_TRUE;
    PetscCall(read_header(r, path, line, text));
  } else if (text[0])
    PetscCall(read_row(r, path, line, text));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_stream(screen_reader *r, const char *path, FILE *in)
{
  const PetscInt before = r->files.n;
  PetscBool header = PETSC_FALSE;
  PetscErrorCode ierr = 0;
  size_t capacity = 0;
  char *text = NULL;

  PetscFunctionBegin;
  for (PetscInt line = 1; !ierr && r->files.n < before + 5 && getline(&text, &capacity, in) >= 0;
       line++)
    ierr = read_line(r, path, line, text, &header);
  free(text);
  PetscCall(ierr);
  if (r->files.n == before && r->c->nliquidus == 0)
    PetscCall(mtp_diag_add(&r->files, path, 0, 0, "got no points, wanted some of the liquidus"));
  if (r->files.n == before && !r->c->liquidus_source)
    PetscCall(mtp_diag_add(&r->files, path, 1, 0,
                           "got no source of the numbers, wanted it in a comment: # author, year"));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_file(screen_reader *r, const screen_yaml *node)
{
  PetscErrorCode ierr = 0;
  char shown[128], *path;
  FILE *in;

  PetscFunctionBegin;
  PetscCall(screen__resolve(r, node->text, &path));
  in = fopen(path, "re");
  if (in) {
    ierr = read_stream(r, path, in);
    (void)fclose(in);
  } else {
    ierr = screen__note(r, node,
                        "got '%s' (%s), wanted a point such as { CaCl2: 0.737, T: 914 K }, "
                        "a list of them or a CSV file",
                        screen_shown(node->text, sizeof(shown), shown), strerror(errno));
  }
  PetscCall(PetscFree(path));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Together ----------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
  const PetscReal x = ((const screen_liquidus *)a)->fraction;
  const PetscReal y = ((const screen_liquidus *)b)->fraction;

  return (x > y) - (x < y);
}

static PetscErrorCode sort_points(screen_reader *r, const screen_yaml *node)
{
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  if (c->nliquidus > 1) qsort(c->liquidus, (size_t)c->nliquidus, sizeof(*c->liquidus), compare);
  for (PetscInt i = 1; i < c->nliquidus; i++) {
    if (c->liquidus[i].fraction - c->liquidus[i - 1].fraction > SAME) continue;
    PetscCall(screen__note(r, node, "got two temperatures at %g, wanted one at each composition",
                           (double)c->liquidus[i].fraction));
    break;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_liquidus(screen_reader *r)
{
  screen_yaml *node = screen_schema_node(r->root, "conditions.liquid_above");
  const PetscInt before = r->notes.n, files = r->files.n;

  PetscFunctionBegin;
  r->c->liquidus_component = -1;
  if (!node || r->c->ncomponent == 0) PetscFunctionReturn(0);
  if (node->kind == SCREEN_YAML_SCALAR)
    PetscCall(read_file(r, node));
  else if (node->kind == SCREEN_YAML_MAP)
    PetscCall(read_point(r, node));
  else if (node->n == 0)
    PetscCall(screen__note(r, node, "got an empty list, wanted points of the liquidus"));
  for (PetscInt i = 0; node->kind == SCREEN_YAML_LIST && i < node->n; i++)
    PetscCall(read_point(r, node->child[i]));
  if (r->notes.n == before && r->files.n == files) PetscCall(sort_points(r, node));
  PetscFunctionReturn(0);
}

PetscReal screen_campaign_liquidus(const screen_campaign *c, const PetscReal fraction[])
{
  const PetscInt n = c->nliquidus, k = c->liquidus_component;
  const screen_liquidus *l = c->liquidus;

  if (n == 0) return 0.0;
  if (k < 0) return l[0].temperature;
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal x = fraction[k];

    if (PetscAbsReal(x - l[i].fraction) <= SAME) return l[i].temperature;
    if (i + 1 < n && x > l[i].fraction && x < l[i + 1].fraction)
      return l[i].temperature + (x - l[i].fraction) / (l[i + 1].fraction - l[i].fraction) *
                                    (l[i + 1].temperature - l[i].temperature);
  }
  return 0.0;
}
