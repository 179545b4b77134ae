/* fmu_table_read.c - tables from text; the contract is in fmu_table.h */
#include "fmu_table.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FMU_NONE ((double)NAN)
enum { MAX_KNOTS = 100000, MAX_FUNCTIONS = 100000, CRC_LINE = 13, WORD = 128 };
#define MAX_BYTES ((size_t)1 << 31)

typedef struct {
  const char *at, *end;
  char *message;
} reader;

/* The first thing that is wrong, where it is. */
__attribute__((format(printf, 2, 3))) static bool refuse(reader *r, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(r->message, FMU_MESSAGE, format, arguments);
  va_end(arguments);
  return false;
}

FMU_LOCAL uint32_t fmu_crc32(const char *text, size_t size)
{
  uint32_t crc = 0xffffffffU;

  for (size_t i = 0; i < size; i++) {
    crc ^= (unsigned char)text[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
  }
  return ~crc;
}

/* Words ---------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool word(reader *r, char text[WORD])
{
  size_t n = 0;

  for (bool comment = false; r->at < r->end; r->at++) {
    if (*r->at == '#')
      comment = true;
    else if (comment && *r->at == '\n')
      comment = false;
    if (!comment && !is_blank(*r->at)) break;
  }
  while (r->at < r->end && !is_blank(*r->at)) {
    if (n + 1 == WORD) return refuse(r, "a word is too long");
    text[n++] = *r->at++;
  }
  text[n] = 0;
  return n > 0 || refuse(r, "the text ends too early");
}

static bool expect(reader *r, const char *wanted)
{
  char text[WORD];

  if (!word(r, text)) return false;
  return strcmp(text, wanted) == 0 || refuse(r, "got '%s', wanted '%s'", text, wanted);
}

/* A finite number. */
static bool number(reader *r, double *value)
{
  char text[WORD], *end;

  if (!word(r, text)) return false;
  *value = strtod(text, &end);
  return (*end == 0 && isfinite(*value)) || refuse(r, "got '%s', wanted a number", text);
}

/* A finite number, or NaN for "-". */
static bool number_or_none(reader *r, double *value)
{
  while (r->at < r->end && is_blank(*r->at)) r->at++;
  if (r->at + 1 < r->end && r->at[0] == '-' && is_blank(r->at[1])) {
    r->at++;
    *value = FMU_NONE;
    return true;
  }
  return number(r, value);
}

static bool whole(reader *r, long low, long high, int *value)
{
  char text[WORD], *end;
  long n;

  if (!word(r, text)) return false;
  n = strtol(text, &end, 10);
  if (*end != 0 || n < low || n > high)
    return refuse(r, "got '%s', wanted a whole number from %ld to %ld", text, low, high);
  *value = (int)n;
  return true;
}

/* Parts ---------------------------------------------------------------------------------------- */

static bool read_axis(reader *r, fmu_axis *axis)
{
  int n = 0;

  if (!expect(r, "axis") || !whole(r, 1, MAX_KNOTS, &n) || !number(r, &axis->reach) ||
      !number(r, &axis->start) || !word(r, axis->name))
    return false;
  if (axis->reach < 0.0) return refuse(r, "axis %s: a negative reach", axis->name);
  axis->knot = calloc((size_t)n, sizeof(axis->knot[0]));
  if (!axis->knot) return refuse(r, "no memory");
  axis->n = n;
  for (int i = 0; i < n; i++) {
    if (!number(r, &axis->knot[i])) return false;
    if (i > 0 && !(axis->knot[i] > axis->knot[i - 1]))
      return refuse(r, "axis %s: its numbers do not rise", axis->name);
  }
  return true;
}

static bool read_axes(reader *r, fmu_table *t)
{
  int n = 0;

  if (!expect(r, "axes") || !whole(r, 2, FMU_MAX_AXES, &n)) return false;
  for (; t->naxis < n; t->naxis++) {
    if (!read_axis(r, &t->axis[t->naxis])) {
      t->naxis++; /* its knots are freed, too */
      return false;
    }
  }
  t->nnode = 1;
  for (int a = n - 1; a >= 0; a--) {
    t->axis[a].stride = t->nnode;
    /* a node takes four bytes at least: a text cannot ask for more memory than it stands for */
    if ((size_t)(r->end - r->at) / 4 / (size_t)t->axis[a].n < t->nnode)
      return refuse(r, "more nodes than the text can hold");
    t->nnode *= (size_t)t->axis[a].n;
  }
  return true;
}

static bool read_function(reader *r, const fmu_table *t, fmu_function *f)
{
  int uncertain = 0;

  if (!expect(r, "function") || !whole(r, -1, t->nfunction - 1, &f->compressibility) ||
      !whole(r, 0, 1, &uncertain) || !word(r, f->name))
    return false;
  if (f->compressibility >= 0 && t->axis[t->naxis - 2].n > 1)
    return refuse(r, "function %s: a compressibility beside several pressures", f->name);
  if ((size_t)(r->end - r->at) / 4 < t->nnode) return refuse(r, "the text ends too early");
  f->uncertain = uncertain == 1;
  f->value = calloc(3 * t->nnode, sizeof(f->value[0]));
  if (!f->value) return refuse(r, "no memory");
  f->slope = f->value + t->nnode;
  f->variance = f->slope + t->nnode;
  for (size_t i = 0; i < t->nnode; i++) {
    double error;

    if (!number_or_none(r, &f->value[i]) || !number_or_none(r, &error)) return false;
    if (error < 0.0) return refuse(r, "function %s: a negative error", f->name);
    f->variance[i] = error * error;
  }
  return true;
}

static bool read_functions(reader *r, fmu_table *t)
{
  int n = 0;

  if (!expect(r, "functions") || !whole(r, 0, MAX_FUNCTIONS, &n)) return false;
  if ((size_t)(r->end - r->at) / 8 < (size_t)n)
    return refuse(r, "more functions than the text can hold");
  t->function = calloc((size_t)n + 1, sizeof(t->function[0]));
  if (!t->function) return refuse(r, "no memory");
  t->nfunction = n;
  for (int i = 0; i < n; i++)
    if (!read_function(r, t, &t->function[i])) return false;
  return true;
}

/* Slopes --------------------------------------------------------------------------------------- */

/* At the end of a run: three-point formula, limited. h, d: widths and slopes of the two cells. */
static double end_slope(double h0, double h1, double d0, double d1)
{
  const double s = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);

  if (s * d0 <= 0.0) return 0.0;
  if (d0 * d1 < 0.0 && fabs(s) > 3.0 * fabs(d0)) return 3.0 * d0;
  return s;
}

static double inner_slope(double h0, double h1, double d0, double d1)
{
  const double w0 = 2.0 * h1 + h0, w1 = h1 + 2.0 * h0;

  return d0 * d1 <= 0.0 ? 0.0 : (w0 + w1) / (w0 / d0 + w1 / d1);
}

/* Slopes of n numbers without holes. */
static void run_slopes(int n, const double x[], const double y[], double slope[])
{
  for (int i = 0; i < n; i++) {
    const int a = i == 0 ? 0 : (i == n - 1 ? n - 3 : i - 1); /* the first of three */

    if (n == 1)
      slope[i] = FMU_NONE;
    else if (n == 2)
      slope[i] = (y[1] - y[0]) / (x[1] - x[0]);
    else {
      const double h0 = x[a + 1] - x[a], h1 = x[a + 2] - x[a + 1];
      const double d0 = (y[a + 1] - y[a]) / h0, d1 = (y[a + 2] - y[a + 1]) / h1;

      if (i == 0)
        slope[i] = end_slope(h0, h1, d0, d1);
      else if (i == n - 1)
        slope[i] = end_slope(h1, h0, d1, d0);
      else
        slope[i] = inner_slope(h0, h1, d0, d1);
    }
  }
}

static void fill_slopes(const fmu_table *t, fmu_function *f)
{
  const fmu_axis *axis = &t->axis[t->naxis - 1];

  for (size_t row = 0; row < t->nnode; row += (size_t)axis->n) {
    for (int i = 0, n; i < axis->n; i += n) {
      for (n = 0; i + n < axis->n && isfinite(f->value[row + (size_t)(i + n)]); n++) continue;
      if (n == 0) {
        f->slope[row + (size_t)i] = FMU_NONE;
        n = 1;
      } else {
        run_slopes(n, &axis->knot[i], &f->value[row + (size_t)i], &f->slope[row + (size_t)i]);
      }
    }
  }
  /* one temperature: what there is does not change with it */
  for (size_t i = 0; axis->n == 1 && i < t->nnode; i++) f->slope[i] = 0.0;
}

/* Whole tables --------------------------------------------------------------------------------- */

FMU_LOCAL void fmu_table_free(fmu_table *table)
{
  if (!table) return;
  for (int a = 0; a < table->naxis; a++) free(table->axis[a].knot);
  for (int i = 0; table->function && i < table->nfunction; i++) free(table->function[i].value);
  free(table->function);
  free(table);
}

/* The last line is the checksum of all before; r->end goes before it. */
static bool check_sum(reader *r, const char *text, size_t size)
{
  const char *line = text + size - CRC_LINE;
  char wanted[CRC_LINE + 1];

  if (size < CRC_LINE || memcmp(line, "crc ", 4) != 0 || text[size - 1] != '\n')
    return refuse(r, "no table, or a damaged one: the last line is no checksum");
  (void)snprintf(wanted, sizeof(wanted), "crc %08lx\n",
                 (unsigned long)fmu_crc32(text, size - CRC_LINE));
  if (memcmp(line, wanted, CRC_LINE) != 0) return refuse(r, "damaged: its checksum is another");
  r->end = line;
  return true;
}

static bool read_table(reader *r, fmu_table *t)
{
  if (!expect(r, "liquidus-fmu-table") || !expect(r, "1") || !expect(r, "token")) return false;
  {
    char token[WORD];

    if (!word(r, token)) return false;
    if (strlen(token) >= sizeof(t->token)) return refuse(r, "its token is too long");
    memcpy(t->token, token, strlen(token) + 1);
  }
  if (!read_axes(r, t) || !read_functions(r, t)) return false;
  while (r->at < r->end && is_blank(*r->at)) r->at++;
  if (r->at < r->end) return refuse(r, "text behind the last function");
  for (int i = 0; i < t->nfunction; i++) fill_slopes(t, &t->function[i]);
  return true;
}

FMU_LOCAL fmu_table *fmu_table_parse(const char *text, size_t size, char message[])
{
  reader r = {text, text + size, message};
  fmu_table *table = NULL;
  locale_t plain, before;
  bool good;

  message[0] = 0;
  if (!check_sum(&r, text, size)) return NULL;
  plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  table = calloc(1, sizeof(*table));
  if (!table || plain == (locale_t)0) {
    (void)refuse(&r, "no memory");
    free(table);
    if (plain != (locale_t)0) freelocale(plain);
    return NULL;
  }
  before = uselocale(plain);
  good = read_table(&r, table);
  (void)uselocale(before);
  freelocale(plain);
  if (good) return table;
  fmu_table_free(table);
  return NULL;
}

/* A whole file; NULL: it cannot be read. */
static char *slurp(FILE *in, size_t *size)
{
  size_t room = 65536;
  char *text = malloc(room);

  *size = 0;
  while (text) {
    char *more;

    *size += fread(text + *size, 1, room - *size, in);
    if (*size < room) break;
    more = room < MAX_BYTES ? realloc(text, 2 * room) : NULL;
    if (!more) {
      free(text);
      return NULL;
    }
    text = more;
    room *= 2;
  }
  if (text && ferror(in)) {
    free(text);
    return NULL;
  }
  return text;
}

FMU_LOCAL fmu_table *fmu_table_read(const char *path, char message[])
{
  FILE *in = fopen(path, "rb");
  fmu_table *table = NULL;
  char *text, what[FMU_MESSAGE];
  size_t size;

  if (!in) {
    (void)snprintf(message, FMU_MESSAGE, "%.400s cannot be opened", path);
    return NULL;
  }
  text = slurp(in, &size);
  (void)fclose(in);
  if (text) {
    table = fmu_table_parse(text, size, what);
    if (!table) (void)snprintf(message, FMU_MESSAGE, "%.300s: %.200s", path, what);
  } else {
    (void)snprintf(message, FMU_MESSAGE, "%.400s cannot be read", path);
  }
  free(text);
  return table;
}
