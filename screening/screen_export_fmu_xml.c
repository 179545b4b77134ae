/* screening/screen_export_fmu_xml.c - what FMUs say about themselves
 *
 * Sources: FMI 2.0.4, sections 2.2, 3.3, 4.3; FMI 3.0.1, sections 2.4, 2.5, 3.3, 4.3. */
#include "screening/screen_export_fmu.h"
#include "screening/screen_version.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writing -------------------------------------------------------------------------------------- */

/* A document in memory; `bad` when something could not be written. */
typedef struct {
  xmlBufferPtr buffer;
  xmlTextWriterPtr writer;
  PetscBool bad;
} document;

/* Bytes of a text as the library calls them. */
static const xmlChar *chars(const char *text)
{
  return (const xmlChar *)text;
}

static void check(document *d, int written)
{
  if (written < 0) d->bad = PETSC_TRUE;
}

static void begin(document *d, const char *name)
{
  check(d, xmlTextWriterStartElement(d->writer, chars(name)));
}

static void end(document *d)
{
  check(d, xmlTextWriterEndElement(d->writer));
}

/* A text that XML can hold: one line of UTF-8. */
static void clean(const char *text, size_t size, char line[])
{
  size_t n;

  screen_export_line(text, size, line);
  n = strlen(line);
  /* a character may have been cut at the end */
  for (int k = 0; k < 4 && n > 0 && !xmlCheckUTF8(chars(line)) && (line[n - 1] & 0x80); k++)
    line[--n] = 0;
  if (xmlCheckUTF8(chars(line))) return;
  screen_export_line(text, size, line);
  for (char *c = line; *c; c++)
    if ((unsigned char)*c >= 128) *c = '?';
}

static void attribute(document *d, const char *name, const char *text)
{
  char line[2048];

  clean(text, sizeof(line), line);
  check(d, xmlTextWriterWriteAttribute(d->writer, chars(name), chars(line)));
}

__attribute__((format(printf, 3, 4))) static void number(document *d, const char *name,
                                                         const char *format, ...)
{
  char text[512];
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  attribute(d, name, text);
}

static PetscErrorCode open_document(document *d)
{
  PetscFunctionBegin;
  d->bad = PETSC_FALSE;
  d->buffer = xmlBufferCreate();
  d->writer = d->buffer ? xmlNewTextWriterMemory(d->buffer, 0) : NULL;
  PetscCheck(d->writer, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for XML");
  check(d, xmlTextWriterSetIndent(d->writer, 1));
  check(d, xmlTextWriterStartDocument(d->writer, NULL, "UTF-8", NULL));
  PetscFunctionReturn(0);
}

/* The text, to be freed with free(); the document is gone. */
static PetscErrorCode close_document(document *d, char **text)
{
  PetscFunctionBegin;
  check(d, xmlTextWriterEndDocument(d->writer));
  xmlFreeTextWriter(d->writer);
  *text = d->bad ? NULL : strdup((const char *)xmlBufferContent(d->buffer));
  xmlBufferFree(d->buffer);
  PetscCheck(*text, PETSC_COMM_SELF, PETSC_ERR_LIB, "XML could not be written");
  PetscFunctionReturn(0);
}

/* Units ---------------------------------------------------------------------------------------- */

enum { NBASE = 6 };
static const char *const base_name[NBASE] = {"kg", "m", "s", "A", "K", "mol"};
static const struct {
  const char *symbol;
  int power[NBASE];
} unit_table[] = {{"kg", {1}},
                  {"m", {0, 1}},
                  {"s", {0, 0, 1}},
                  {"A", {0, 0, 0, 1}},
                  {"K", {0, 0, 0, 0, 1}},
                  {"mol", {0, 0, 0, 0, 0, 1}},
                  {"N", {1, 1, -2}},
                  {"J", {1, 2, -2}},
                  {"W", {1, 2, -3}},
                  {"Pa", {1, -1, -2}},
                  {"C", {0, 0, 1, 1}},
                  {"V", {1, 2, -3, -1}},
                  {"S", {-1, -2, 3, 2}},
                  {"1", {0}}};

/* Powers of the base units of "J mol-1 K-1"; PETSC_FALSE: a unit that is not known. */
static PetscBool parse_units(const char *units, int power[NBASE])
{
  memset(power, 0, NBASE * sizeof(power[0]));
  while (*units) {
    const size_t n = strcspn(units, " -0123456789") ? strcspn(units, " -0123456789") : 1;
    size_t k = 0;
    char *after;
    long p = 1;

    while (k < sizeof(unit_table) / sizeof(unit_table[0]) &&
           (strncmp(unit_table[k].symbol, units, n) != 0 || unit_table[k].symbol[n] != 0))
      k++;
    if (k == sizeof(unit_table) / sizeof(unit_table[0])) return PETSC_FALSE;
    units += n;
    if (*units && *units != ' ') {
      p = strtol(units, &after, 10);
      if (after == units) return PETSC_FALSE;
      units = after;
    }
    for (int b = 0; b < NBASE; b++) power[b] += (int)p * unit_table[k].power[b];
    units += strspn(units, " ");
  }
  return PETSC_TRUE;
}

static void put_unit(document *d, const char *units)
{
  int power[NBASE];

  begin(d, "Unit");
  attribute(d, "name", units);
  if (parse_units(units, power)) {
    begin(d, "BaseUnit");
    for (int b = 0; b < NBASE; b++)
      if (power[b] != 0) number(d, base_name[b], "%d", power[b]);
    end(d);
  }
  end(d);
}

static const char *units_of(const screen_fmu *m, PetscInt i)
{
  return i < m->ninput ? m->input[i].units : m->output[i - m->ninput].units;
}

/* Each unit once. */
static void put_units(document *d, const screen_fmu *m)
{
  begin(d, "UnitDefinitions");
  for (PetscInt i = 0; i < m->ninput + m->noutput; i++) {
    PetscInt k = 0;

    while (strcmp(units_of(m, k), units_of(m, i)) != 0) k++;
    if (k == i) put_unit(d, units_of(m, i));
  }
  end(d);
}

/* Types ---------------------------------------------------------------------------------------- */

static const char *const policies[3][2] = {
    {"error", "the question ends with an error (Co-Simulation) or is discarded (Model Exchange)"},
    {"clamp", "the nearest argument inside the table is taken"},
    {"linear", "the table goes on with the slope that it ends with"}};

static void put_items(document *d)
{
  for (int k = 0; k < 3; k++) {
    begin(d, "Item");
    attribute(d, "name", policies[k][0]);
    number(d, "value", "%d", k + 1);
    attribute(d, "description", policies[k][1]);
    end(d);
  }
}

static void put_types(document *d, int version)
{
  begin(d, "TypeDefinitions");
  begin(d, version == 2 ? "SimpleType" : "EnumerationType");
  attribute(d, "name", "Extrapolation");
  attribute(d, "description", "what is done with arguments outside the table");
  if (version == 2) begin(d, "Enumeration");
  put_items(d);
  if (version == 2) end(d);
  end(d);
  end(d);
}

static void put_categories(document *d)
{
  static const char *const name[2] = {"logStatusWarning", "logStatusError"};

  begin(d, "LogCategories");
  for (int k = 0; k < 2; k++) {
    begin(d, "Category");
    attribute(d, "name", name[k]);
    end(d);
  }
  end(d);
}

/* Variables ------------------------------------------------------------------------------------ */

typedef struct {
  const char *name, *description, *causality, *units;
  long reference;
  const PetscReal *start; /* NULL: calculated */
  PetscReal nominal;      /* 0: none */
} variable;

static void put_real(document *d, int version, const variable *v)
{
  begin(d, version == 2 ? "ScalarVariable" : "Float64");
  attribute(d, "name", v->name);
  number(d, "valueReference", "%ld", v->reference);
  attribute(d, "description", v->description);
  attribute(d, "causality", v->causality);
  attribute(d, "variability", "continuous");
  if (!v->start) attribute(d, "initial", "calculated");
  if (version == 2) begin(d, "Real");
  if (v->units) attribute(d, "unit", v->units);
  if (v->start) number(d, "start", "%.17g", *v->start);
  if (v->nominal > 0.0) number(d, "nominal", "%.3g", v->nominal);
  if (version == 2) end(d);
  end(d);
}

static void put_policy(document *d, int version, PetscInt reference)
{
  begin(d, version == 2 ? "ScalarVariable" : "Enumeration");
  attribute(d, "name", "extrapolation");
  number(d, "valueReference", "%" PetscInt_FMT, reference);
  attribute(d, "description", "what is done with arguments outside the table");
  attribute(d, "causality", "parameter");
  attribute(d, "variability", "fixed");
  attribute(d, "initial", "exact");
  if (version == 2) begin(d, "Enumeration");
  attribute(d, "declaredType", "Extrapolation");
  attribute(d, "start", "1");
  if (version == 2) end(d);
  end(d);
}

/* Value reference of output f, or of its error. */
static long reference_of(const screen_fmu *m, PetscInt f, PetscBool error)
{
  return 2L + (long)m->ninput + 2L * (long)f + (error ? 1L : 0L);
}

static void put_output(document *d, const screen_fmu *m, int version, PetscInt f)
{
  const screen_fmu_output *o = &m->output[f];
  char name[FMU_NAME + 8], words[SCREEN_FMU_TEXT + 32];
  variable v = {o->name, o->description, "output", o->units, reference_of(m, f, PETSC_FALSE),
                NULL,    o->largest};

  put_real(d, version, &v);
  if (!o->uncertain) return;
  snprintf(name, sizeof(name), "%s_error", o->name);
  snprintf(words, sizeof(words), "standard error of: %s", o->description);
  v = (variable){name, words, "output", o->units, reference_of(m, f, PETSC_TRUE), NULL, 0.0};
  put_real(d, version, &v);
}

static void put_variables(document *d, const screen_fmu *m, int version)
{
  const PetscReal none = 0.0;

  begin(d, "ModelVariables");
  if (version == 3) {
    begin(d, "Float64");
    attribute(d, "name", "time");
    attribute(d, "valueReference", "0");
    attribute(d, "causality", "independent");
    attribute(d, "variability", "continuous");
    end(d);
  }
  for (PetscInt i = 0; i < m->ninput; i++) {
    const screen_fmu_input *in = &m->input[i];
    const variable v = {in->name,     in->description, "input", in->units,
                        1L + (long)i, &in->start,      none};

    put_real(d, version, &v);
  }
  put_policy(d, version, 1 + m->ninput);
  for (PetscInt f = 0; f < m->noutput; f++) put_output(d, m, version, f);
  end(d);
}

/* Structure ------------------------------------------------------------------------------------ */

/* What an output hangs on: all inputs; a mole fraction on the axes of composition alone. In version
 * 2 by index from 1, which for inputs is the value reference. */
static void put_unknown(document *d, const screen_fmu *m, int version, PetscInt f, long which,
                        PetscBool initial)
{
  const PetscInt n = m->output[f].property ? m->ninput : m->ninput - 2;
  char list[256] = "", kinds[512] = "";

  for (PetscInt i = 0; i < n + (initial ? 1 : 0); i++) {
    const PetscInt known = i < n ? i : m->ninput; /* behind the inputs: extrapolation */
    const size_t at = strlen(list), end_of = strlen(kinds);

    snprintf(list + at, sizeof(list) - at, "%s%" PetscInt_FMT, i ? " " : "", known + 1);
    snprintf(kinds + end_of, sizeof(kinds) - end_of, "%sdependent", i ? " " : "");
  }
  if (version == 2)
    begin(d, "Unknown");
  else
    begin(d, initial ? "InitialUnknown" : "Output");
  number(d, version == 2 ? "index" : "valueReference", "%ld", which);
  attribute(d, "dependencies", list);
  attribute(d, "dependenciesKind", kinds);
  end(d);
}

static void put_unknowns(document *d, const screen_fmu *m, int version, PetscBool initial)
{
  long index = 1 + (long)m->ninput; /* of the last variable before the outputs, from 1 */

  for (PetscInt f = 0; f < m->noutput; f++) {
    put_unknown(d, m, version, f, version == 2 ? ++index : reference_of(m, f, PETSC_FALSE),
                initial);
    if (m->output[f].uncertain)
      put_unknown(d, m, version, f, version == 2 ? ++index : reference_of(m, f, PETSC_TRUE),
                  initial);
  }
}

static void put_structure(document *d, const screen_fmu *m, int version)
{
  begin(d, "ModelStructure");
  if (version == 2) begin(d, "Outputs");
  put_unknowns(d, m, version, PETSC_FALSE);
  if (version == 2) {
    end(d);
    begin(d, "InitialUnknowns");
  }
  put_unknowns(d, m, version, PETSC_TRUE);
  if (version == 2) end(d);
  end(d);
}

/* modelDescription.xml ------------------------------------------------------------------------- */

static void put_interface(document *d, const screen_fmu *m, int version, PetscBool exchange)
{
  begin(d, exchange ? "ModelExchange" : "CoSimulation");
  attribute(d, "modelIdentifier", m->identifier);
  attribute(d, version == 2 ? "canGetAndSetFMUstate" : "canGetAndSetFMUState", "true");
  attribute(d, version == 2 ? "providesDirectionalDerivative" : "providesDirectionalDerivatives",
            "true");
  if (version == 3) attribute(d, "providesAdjointDerivatives", "true");
  if (!exchange) attribute(d, "canHandleVariableCommunicationStepSize", "true");
  if (version == 2) {
    begin(d, "SourceFiles");
    begin(d, "File");
    attribute(d, "name", "fmu_all.c");
    end(d);
    end(d);
  }
  end(d);
}

static void put_head(document *d, const screen_fmu *m, int version)
{
  const screen_dataset *data = m->e->data;
  char words[1024], line[768];

  clean(data->description, sizeof(line), line);
  snprintf(words, sizeof(words), "%s%sresults.h5 SHA-256 %s; %s", line, line[0] ? "; " : "",
           data->sha256, m->e->flagged ? "flagged numbers included" : "flagged numbers left out");
  attribute(d, "fmiVersion", version == 2 ? "2.0" : "3.0");
  attribute(d, "modelName", data->campaign);
  attribute(d, version == 2 ? "guid" : "instantiationToken", m->token);
  attribute(d, "description", words);
  attribute(d, "generationTool", "Liquidus " LIQUIDUS_VERSION);
  attribute(d, "variableNamingConvention", "flat");
  if (version == 2) attribute(d, "numberOfEventIndicators", "0");
}

PetscErrorCode screen_fmu_description(const screen_fmu *m, int version, char **text)
{
  document d;

  PetscFunctionBegin;
  PetscCall(open_document(&d));
  begin(&d, "fmiModelDescription");
  put_head(&d, m, version);
  put_interface(&d, m, version, PETSC_TRUE);
  put_interface(&d, m, version, PETSC_FALSE);
  put_units(&d, m);
  put_types(&d, version);
  put_categories(&d);
  begin(&d, "DefaultExperiment");
  attribute(&d, "startTime", "0");
  attribute(&d, "stopTime", "1");
  end(&d);
  put_variables(&d, m, version);
  put_structure(&d, m, version);
  end(&d);
  PetscCall(close_document(&d, text));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_fmu_build(const screen_fmu *m, char **text)
{
  document d;

  PetscFunctionBegin;
  PetscCall(open_document(&d));
  begin(&d, "fmiBuildDescription");
  attribute(&d, "fmiVersion", "3.0");
  begin(&d, "BuildConfiguration");
  attribute(&d, "modelIdentifier", m->identifier);
  begin(&d, "SourceFileSet");
  attribute(&d, "language", "C11");
  begin(&d, "SourceFile");
  attribute(&d, "name", "fmu_all.c");
  end(&d);
  end(&d);
  begin(&d, "Library");
  attribute(&d, "name", "m");
  attribute(&d, "external", "true");
  end(&d);
  end(&d);
  end(&d);
  PetscCall(close_document(&d, text));
  PetscFunctionReturn(0);
}

/* documentation/index.html --------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void put(document *d, const char *element,
                                                      const char *format, ...)
{
  char text[4096], line[4096];
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  clean(text, sizeof(line), line);
  check(d, xmlTextWriterWriteElement(d->writer, chars(element), chars(line)));
}

static void put_rules(document *d, const screen_fmu *m)
{
  put(d, "p",
      "Between the points that were computed, values are linear along composition and "
      "pressure, and monotone cubics along temperature. The variables *_error are one "
      "standard error of the mean: the root of the variances weighted alike.");
  put(d, "p",
      "Outside the table the parameter extrapolation decides: 1, an error; 2, the nearest "
      "argument inside; 3, straight on, with errors that grow accordingly. Where a number "
      "is missing a question for it is an error whatever the parameter is.");
  if (m->input[m->ninput - 2].n == 1)
    put(d, "p",
        "The table has one pressure, %.10g Pa, and holds from %.3g Pa below to %.3g Pa above. "
        "Densities follow pressure by the compressibility where the table has it; other numbers "
        "are those of the one pressure.",
        m->input[m->ninput - 2].knot[0], m->input[m->ninput - 2].reach,
        m->input[m->ninput - 2].reach);
}

static void put_row(document *d, const char *name, const char *units, const char *words,
                    const char *method)
{
  begin(d, "tr");
  put(d, "td", "%s", name);
  put(d, "td", "%s", units);
  put(d, "td", "%s", words);
  put(d, "td", "%s", method);
  end(d);
}

static void put_rows(document *d, const screen_fmu *m)
{
  for (PetscInt i = 0; i < m->ninput; i++)
    put_row(d, m->input[i].name, m->input[i].units, m->input[i].description, "input");
  for (PetscInt f = 0; f < m->noutput; f++) {
    const screen_fmu_output *o = &m->output[f];
    char words[SCREEN_FMU_TEXT + 128];
    size_t n = (size_t)snprintf(words, sizeof(words),
                                "%s; %" PetscInt_FMT " of %" PetscInt_FMT " points, %" PetscInt_FMT
                                " of them from the correlation",
                                o->description, o->nodes, m->nnode, o->filled);

    if (isfinite(o->deviation) && n < sizeof(words))
      snprintf(words + n, sizeof(words) - n,
               "; between points within %.2g standard errors of the correlation", o->deviation);
    put_row(d, o->name, o->units, words, o->property ? o->property->definition->method : "");
  }
}

/* Campaign, hashes, version: the lines of screen_export_head(). */
static PetscErrorCode put_origin(document *d, const screen_fmu *m)
{
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  screen_export_head(m->e, out, "");
  fclose(out);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) put(d, "p", "%s", line);
  free(text);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_fmu_page(const screen_fmu *m, char **text)
{
  document d;

  PetscFunctionBegin;
  PetscCall(open_document(&d));
  begin(&d, "html");
  attribute(&d, "xmlns", "http://www.w3.org/1999/xhtml");
  begin(&d, "head");
  put(&d, "title", "%s", m->e->data->campaign);
  end(&d);
  begin(&d, "body");
  put(&d, "h1", "%s", m->e->data->campaign);
  PetscCall(put_origin(&d, m));
  put_rules(&d, m);
  begin(&d, "table");
  put_rows(&d, m);
  end(&d);
  end(&d);
  end(&d);
  PetscCall(close_document(&d, text));
  PetscFunctionReturn(0);
}
