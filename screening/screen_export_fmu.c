/* screening/screen_export_fmu.c - FMUs: which variables there are, and the table behind them
 *
 *   fmu/<campaign>_fmi3.fmu, fmu/<campaign>_fmi2.fmu
 *
 * Inputs: composition (each axis of it that has several values), pressure, temperature.  Outputs:
 * every number of every property that the table has somewhere, its standard error under the name
 * <output>_error, and the mole fractions that are no input.  Where one axis of composition has
 * several values its input is the mole fraction really simulated; else the axes are those of the
 * campaign, and the report says how far the simulated fractions are from them.
 *
 * Nodes are those of the other tables: the number that was computed, or the correlation's.  A
 * table of one pressure holds from 10 bar below to 10 bar above it; density and number density
 * change with pressure there, where the compressibility is known. */
#include "screening/screen_export_fmu.h"
#include "screening/screen_sha256.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PRESSURE_REACH 1e6 /* [Pa] */

/* Names ---------------------------------------------------------------------------------------- */

/* Letters, digits and '_'; never empty, no digit first. */
static void identifier(const char *text, size_t size, char name[])
{
  size_t n = 0;

  if (!isalpha((unsigned char)text[0]) && size > 2) name[n++] = 'm', name[n++] = '_';
  for (; *text && n + 1 < size; text++) {
    const unsigned char c = (unsigned char)*text;

    name[n++] = (char)(c < 128 && isalnum(c) ? c : '_');
  }
  name[n] = 0;
}

static PetscBool is_taken(const screen_fmu *m, const char *name)
{
  char error[FMU_NAME + 8];

  if (strcmp(name, "extrapolation") == 0 || strcmp(name, "time") == 0) return PETSC_TRUE;
  for (PetscInt i = 0; i < m->ninput; i++)
    if (strcmp(m->input[i].name, name) == 0) return PETSC_TRUE;
  for (PetscInt i = 0; i < m->noutput; i++) {
    snprintf(error, sizeof(error), "%s_error", m->output[i].name);
    if (strcmp(m->output[i].name, name) == 0 || strcmp(error, name) == 0) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* "diffusion_Ca", and "diffusion_Ca_2" where that is another's name. */
static void unique_name(const screen_fmu *m, const char *raw, char name[FMU_NAME])
{
  char base[FMU_NAME - 16], error[FMU_NAME + 8];

  identifier(raw, sizeof(base), base);
  snprintf(name, FMU_NAME, "%s", base);
  snprintf(error, sizeof(error), "%s_error", name);
  for (int k = 2; is_taken(m, name) || is_taken(m, error); k++) {
    snprintf(name, FMU_NAME, "%s_%d", base, k);
    snprintf(error, sizeof(error), "%s_error", name);
  }
}

/* Inputs --------------------------------------------------------------------------------------- */

static PetscInt component_of(const screen_dataset *d, const char *name)
{
  for (PetscInt k = 0; k < d->ncomponent; k++)
    if (strcmp(d->component[k], name) == 0) return k;
  return -1;
}

static PetscErrorCode add_input(screen_fmu *m, PetscInt axis, const char *name)
{
  const screen_dataset_axis *from = &m->e->data->axis[axis];
  screen_fmu_input *in = &m->input[m->ninput];
  char line[256];

  PetscFunctionBegin;
  unique_name(m, name, in->name);
  in->axis = axis;
  in->n = from->n;
  screen_export_line(from->units, sizeof(in->units), in->units);
  screen_export_line(from->long_name[0] ? from->long_name : from->name, sizeof(line), line);
  PetscCall(PetscMalloc1(in->n, &in->knot));
  PetscCall(PetscArraycpy(in->knot, from->value, in->n));
  snprintf(in->description, sizeof(in->description), "%s, %.10g to %.10g", line, in->knot[0],
           in->knot[in->n - 1]);
  in->start = in->knot[in->n / 2];
  m->ninput++;
  PetscFunctionReturn(0);
}

/* Mole fractions simulated along the one axis of composition, where they go with its index alone
 * and rise; PETSC_FALSE: not so. */
static PetscBool simulated_knots(const screen_dataset *d, screen_fmu_input *in, PetscInt component)
{
  for (PetscInt k = 0; k < in->n; k++) in->knot[k] = PROP_NAN;
  for (PetscInt i = 0; i < d->npoint; i++) {
    const PetscInt k = screen_dataset_index(d, i, in->axis);
    const PetscReal x = d->mole[i * d->ncomponent + component];

    if (isfinite(in->knot[k]) && in->knot[k] != x) return PETSC_FALSE;
    in->knot[k] = x;
  }
  for (PetscInt k = 0; k < in->n; k++)
    if (!isfinite(in->knot[k]) || (k > 0 && !(in->knot[k] > in->knot[k - 1]))) return PETSC_FALSE;
  return PETSC_TRUE;
}

/* The input of a single axis of composition: of mole fractions really simulated, if it can be. */
static PetscErrorCode take_simulated(screen_fmu *m)
{
  const screen_dataset *d = m->e->data;
  screen_fmu_input *in = &m->input[0];
  const PetscInt component = component_of(d, d->axis[in->axis].component);
  char raw[SCREEN_DATASET_NAME + 8], line[128], name[FMU_NAME];

  PetscFunctionBegin;
  m->simulated = (PetscBool)(component >= 0 && simulated_knots(d, in, component));
  if (!m->simulated) {
    PetscCall(PetscArraycpy(in->knot, d->axis[in->axis].value, in->n));
    PetscFunctionReturn(0);
  }
  screen_export_line(d->component[component], sizeof(line), line);
  snprintf(raw, sizeof(raw), "x_%.80s", line);
  in->name[0] = 0; /* its own is not in the way */
  unique_name(m, raw, name);
  snprintf(in->name, sizeof(in->name), "%s", name);
  snprintf(in->units, sizeof(in->units), "1");
  snprintf(in->description, sizeof(in->description), "mole fraction of %s, %.10g to %.10g", line,
           in->knot[0], in->knot[in->n - 1]);
  in->start = in->knot[in->n / 2];
  PetscFunctionReturn(0);
}

static PetscErrorCode add_inputs(screen_fmu *m, PetscBool *possible)
{
  const screen_dataset *d = m->e->data;

  PetscFunctionBegin;
  *possible = PETSC_FALSE;
  for (PetscInt a = 0; a < d->naxis; a++) {
    if (a == d->temperature || a == d->pressure || d->axis[a].n == 1) continue;
    if (m->ninput + 2 == FMU_MAX_AXES) {
      fprintf(m->e->report, "  more than %d axes of composition\n", FMU_MAX_AXES - 2);
      PetscFunctionReturn(0);
    }
    PetscCall(add_input(m, a, d->axis[a].name));
  }
  if (m->ninput == 1) PetscCall(take_simulated(m));
  PetscCall(add_input(m, d->pressure, "pressure"));
  if (d->axis[d->pressure].n == 1) {
    screen_fmu_input *p = &m->input[m->ninput - 1];

    p->reach = PRESSURE_REACH;
    snprintf(p->description, sizeof(p->description), "pressure, %.10g, from %.3g below to above",
             p->knot[0], p->reach);
  }
  PetscCall(add_input(m, d->temperature, "temperature"));
  m->nnode = 1;
  for (PetscInt i = 0; i < m->ninput; i++) m->nnode *= m->input[i].n;
  *possible = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* Outputs -------------------------------------------------------------------------------------- */

void screen_fmu_place(const screen_fmu *m, PetscInt node, PetscInt *s, PetscInt *t)
{
  const screen_dataset *d = m->e->data;
  PetscInt index[FMU_MAX_AXES], point = 0;

  for (PetscInt i = m->ninput - 1; i >= 0; i--) {
    index[i] = node % m->input[i].n;
    node /= m->input[i].n;
  }
  *t = index[m->ninput - 1];
  for (PetscInt a = 0; a < d->naxis; a++) {
    PetscInt at = 0;

    for (PetscInt i = 0; i < m->ninput; i++)
      if (m->input[i].axis == a) at = index[i];
    point = point * d->axis[a].n + at;
  }
  *s = point / (d->stride * d->ntemperature) * d->stride + point % d->stride;
}

PetscBool screen_fmu_node(const screen_fmu *m, const screen_fmu_output *o, PetscInt node,
                          screen_export_node *n)
{
  const screen_dataset *d = m->e->data;
  PetscInt s, t, sum = 0;
  PetscInt point;

  screen_fmu_place(m, node, &s, &t);
  if (o->property) return screen_export_node_at(m->e, o->property, s, t, o->member, n);
  point = screen_dataset_point(d, s, t);
  for (PetscInt k = 0; k < d->ncomponent; k++) sum += d->units[point * d->ncomponent + k];
  *n = (screen_export_node){d->mole[point * d->ncomponent + o->member], PROP_NAN, PETSC_FALSE};
  return (PetscBool)(sum > 0 && isfinite(n->value));
}

/* Flags of the numbers that are written, in words, behind the description. */
static void describe_flags(const screen_fmu *m, screen_fmu_output *o)
{
  const size_t n = strlen(o->description);
  PetscInt flags = 0;
  char text[256];

  for (PetscInt i = 0; o->property && i < m->e->data->npoint; i++) {
    const prop_value *v = &o->property->value[i * o->property->width + o->member];

    if (screen_dataset_exportable(v, m->e->flagged)) flags |= v->flags;
  }
  screen_dataset_flags(flags, sizeof(text), text);
  if (text[0]) snprintf(o->description + n, sizeof(o->description) - n, "; some flagged: %s", text);
}

/* Counts what an output has; takes it back where that is nothing. */
static void count_nodes(screen_fmu *m, screen_fmu_output *o)
{
  screen_export_node n;

  for (PetscInt i = 0; i < m->nnode; i++) {
    if (!screen_fmu_node(m, o, i, &n)) continue;
    o->nodes++;
    if (n.filled) o->filled++;
    if (isfinite(n.error)) o->uncertain = PETSC_TRUE;
    o->largest = PetscMax(o->largest, fabs(n.value));
  }
  if (o->nodes == 0) return;
  describe_flags(m, o);
  m->noutput++;
}

static void add_property(screen_fmu *m, const screen_dataset_property *p, PetscInt w)
{
  const char *member = screen_export_member(m->e->data, p, w);
  screen_fmu_output *o = &m->output[m->noutput];
  char raw[256], line[64];

  screen_export_line(member, sizeof(line), line);
  if (line[0])
    snprintf(raw, sizeof(raw), "%s_%s", p->definition->name, line);
  else if (p->width > 1)
    snprintf(raw, sizeof(raw), "%s_%" PetscInt_FMT, p->definition->name, w + 1);
  else
    snprintf(raw, sizeof(raw), "%s", p->definition->name);
  *o = (screen_fmu_output){.property = p, .member = w, .compressibility = -1};
  unique_name(m, raw, o->name);
  snprintf(o->units, sizeof(o->units), "%s", p->definition->units);
  snprintf(o->description, sizeof(o->description), "%s%s%s", p->definition->long_name,
           line[0] ? ", " : "", line);
  count_nodes(m, o);
}

static void add_fraction(screen_fmu *m, PetscInt component)
{
  screen_fmu_output *o = &m->output[m->noutput];
  char raw[160], line[128];

  screen_export_line(m->e->data->component[component], sizeof(line), line);
  snprintf(raw, sizeof(raw), "x_%s", line);
  *o = (screen_fmu_output){.member = component, .compressibility = -1};
  unique_name(m, raw, o->name);
  snprintf(o->units, sizeof(o->units), "1");
  snprintf(o->description, sizeof(o->description), "mole fraction of %s, as simulated", line);
  count_nodes(m, o);
}

static PetscInt find_output(const screen_fmu *m, prop_id id)
{
  for (PetscInt i = 0; i < m->noutput; i++)
    if (m->output[i].property && m->output[i].property->definition == prop_get((PetscInt)id))
      return i;
  return -1;
}

/* Density follows pressure where there is one pressure and its nodes have a compressibility. */
static void link_compressibility(screen_fmu *m, prop_id id)
{
  const PetscInt density = find_output(m, id);
  const PetscInt kappa = find_output(m, PROP_ID_ISOTHERMAL_COMPRESSIBILITY);
  screen_export_node n;

  if (density < 0 || kappa < 0 || m->input[m->ninput - 2].n > 1) return;
  for (PetscInt i = 0; i < m->nnode; i++) {
    if (screen_fmu_node(m, &m->output[density], i, &n) &&
        !screen_fmu_node(m, &m->output[kappa], i, &n))
      return;
  }
  m->output[density].compressibility = kappa;
}

static PetscErrorCode add_outputs(screen_fmu *m)
{
  const screen_dataset *d = m->e->data;
  PetscInt n = d->ncomponent;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < d->nproperty; i++) n += d->property[i].width;
  PetscCall(PetscCalloc1(n, &m->output));
  for (PetscInt i = 0; i < d->nproperty; i++)
    for (PetscInt w = 0; w < d->property[i].width; w++) add_property(m, &d->property[i], w);
  if (m->noutput == 0) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < d->ncomponent; k++) {
    const PetscInt axis = m->input[0].axis;

    if (m->simulated && strcmp(d->axis[axis].component, d->component[k]) == 0) continue;
    add_fraction(m, k);
  }
  link_compressibility(m, PROP_ID_DENSITY);
  link_compressibility(m, PROP_ID_NUMBER_DENSITY);
  PetscFunctionReturn(0);
}

/* Table ---------------------------------------------------------------------------------------- */

static void put_number(FILE *out, PetscReal x, const char *behind)
{
  if (isfinite(x))
    fprintf(out, "%.17g%s", x, behind);
  else
    fprintf(out, "-%s", behind);
}

static void put_table(const screen_fmu *m, FILE *out)
{
  screen_export_node n;

  screen_export_head(m->e, out, "# ");
  fprintf(out, "axes %" PetscInt_FMT "\n", m->ninput);
  for (PetscInt i = 0; i < m->ninput; i++) {
    const screen_fmu_input *in = &m->input[i];

    fprintf(out, "# [%s]\naxis %" PetscInt_FMT " %.17g %.17g %s\n", in->units, in->n, in->reach,
            in->start, in->name);
    for (PetscInt k = 0; k < in->n; k++) fprintf(out, "%.17g\n", in->knot[k]);
  }
  fprintf(out, "functions %" PetscInt_FMT "\n", m->noutput);
  for (PetscInt f = 0; f < m->noutput; f++) {
    const screen_fmu_output *o = &m->output[f];

    fprintf(out, "# [%s]\nfunction %" PetscInt_FMT " %d %s\n", o->units, o->compressibility,
            o->uncertain ? 1 : 0, o->name);
    for (PetscInt i = 0; i < m->nnode; i++) {
      const PetscBool there = screen_fmu_node(m, o, i, &n);

      put_number(out, there ? n.value : PROP_NAN, " ");
      put_number(out, there ? n.error : PROP_NAN, "\n");
    }
  }
}

/* A GUID of the body's hash: another table has another. */
static void make_token(const char *body, size_t size, char token[FMU_TOKEN])
{
  unsigned char digest[SCREEN_SHA256_SIZE];
  char hex[65];

  screen_sha256(body, size, digest);
  screen_sha256_hex(digest, hex);
  snprintf(token, FMU_TOKEN, "{%.8s-%.4s-%.4s-%.4s-%.12s}", hex, hex + 8, hex + 12, hex + 16,
           hex + 20);
}

/* Difference from the correlation in the middle between nodes, in errors. */
static void compare_fit(const screen_fmu *m, const fmu_table *table, PetscInt f,
                        screen_fmu_output *o)
{
  const screen_fmu_input *kelvin = &m->input[m->ninput - 1];
  PetscInt s, t;

  o->deviation = PROP_NAN;
  for (PetscInt i = 0; o->property && o->property->fit && i < m->nnode; i++) {
    double x[FMU_MAX_AXES];
    fmu_result r;
    const prop_fit *fit;
    PetscReal z;
    PetscInt node = i;

    screen_fmu_place(m, i, &s, &t);
    fit = &o->property->fit[s * o->property->width + o->member];
    if (t + 1 == kelvin->n || fit->reason <= 0) continue;
    for (PetscInt k = m->ninput - 1; k >= 0; k--) {
      x[k] = m->input[k].knot[node % m->input[k].n];
      node /= m->input[k].n;
    }
    x[m->ninput - 1] = 0.5 * (kelvin->knot[t] + kelvin->knot[t + 1]);
    if (x[m->ninput - 1] < fit->tmin || x[m->ninput - 1] > fit->tmax) continue;
    fmu_table_at(table, (int)f, x, FMU_POLICY_ERROR, &r);
    if (!(r.has & FMU_HAS_VALUE) || !(r.has & FMU_HAS_ERROR) || !(r.error > 0.0)) continue;
    z = fabs(r.value - screen_export_at(fit, x[m->ninput - 1], NULL)) / r.error;
    if (!(z <= o->deviation)) o->deviation = z;
  }
}

PetscErrorCode screen_fmu_table(screen_fmu *m)
{
  char *body = NULL, message[FMU_MESSAGE];
  size_t size = 0;
  fmu_table *table;
  FILE *out = open_memstream(&body, &size);

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  put_table(m, out);
  fclose(out);
  make_token(body, size, m->token);
  out = open_memstream(&m->table, &m->size);
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  fprintf(out, "liquidus-fmu-table 1\ntoken %s\n", m->token);
  (void)fwrite(body, 1, size, out);
  free(body);
  fflush(out);
  fprintf(out, "crc %08lx\n", (unsigned long)fmu_crc32(m->table, m->size));
  fclose(out);
  table = fmu_table_parse(m->table, m->size, message);
  PetscCheck(table, PETSC_COMM_SELF, PETSC_ERR_LIB, "the table of an FMU: %s", message);
  for (PetscInt f = 0; f < m->noutput; f++) compare_fit(m, table, f, &m->output[f]);
  fmu_table_free(table);
  PetscFunctionReturn(0);
}

/* Report --------------------------------------------------------------------------------------- */

/* How far the simulated fractions are from axes in mole fractions. */
static void report_fractions(const screen_fmu *m)
{
  const screen_dataset *d = m->e->data;
  PetscReal largest = 0.0;

  for (PetscInt i = 0; i < m->ninput - 2; i++) {
    const PetscInt axis = m->input[i].axis, k = component_of(d, d->axis[axis].component);

    if (k < 0 || !strstr(d->axis[axis].long_name, "mole fraction")) continue;
    for (PetscInt p = 0; p < d->npoint; p++)
      largest = PetscMax(largest, fabs(d->mole[p * d->ncomponent + k] -
                                       d->axis[axis].value[screen_dataset_index(d, p, axis)]));
  }
  if (m->simulated)
    fprintf(m->e->report, "  composition: mole fractions as simulated\n");
  else if (m->ninput > 2)
    fprintf(m->e->report,
            "  composition: as asked for; simulated mole fractions differ by at most %.2g\n",
            largest);
}

static void report(const screen_fmu *m)
{
  report_fractions(m);
  for (PetscInt f = 0; f < m->noutput; f++) {
    const screen_fmu_output *o = &m->output[f];

    fprintf(m->e->report,
            "  %s: %" PetscInt_FMT " of %" PetscInt_FMT " nodes, %" PetscInt_FMT
            " of them from the correlation",
            o->name, o->nodes, m->nnode, o->filled);
    if (isfinite(o->deviation))
      fprintf(m->e->report, "; between nodes within %.2g errors of the correlation", o->deviation);
    fputs(o->compressibility >= 0 ? "; follows pressure by the compressibility\n" : "\n",
          m->e->report);
  }
}

/* ---------------------------------------------------------------------------------------------- */

static PetscErrorCode fmu_clear(screen_fmu *m)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < m->ninput; i++) PetscCall(PetscFree(m->input[i].knot));
  PetscCall(PetscFree(m->output));
  free(m->table);
  m->table = NULL;
  PetscFunctionReturn(0);
}

static PetscErrorCode fmu_write(screen_fmu *m)
{
  PetscBool possible;

  PetscFunctionBegin;
  identifier(m->e->data->campaign, sizeof(m->identifier) - 16, m->identifier);
  PetscCall(add_inputs(m, &possible));
  if (!possible) PetscFunctionReturn(0);
  PetscCall(add_outputs(m));
  if (m->noutput == 0) PetscFunctionReturn(0);
  PetscCall(screen_fmu_table(m));
  report(m);
  PetscCall(screen_fmu_pack(m, 2));
  PetscCall(screen_fmu_pack(m, 3));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_export_fmu(screen_export *e)
{
  screen_fmu m = {.e = e};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  ierr = fmu_write(&m);
  PetscCall(fmu_clear(&m));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
