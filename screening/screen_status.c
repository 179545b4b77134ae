/* screening/screen_status.c - `liquidus status DIR`: reads, never touches */
#include "screening/screen_status.h"
#include "screening/screen_cli.h"
#include "screening/screen_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the end of DIR/log: what is further back is no news. */
#define LOG_TAIL 262144L

/* Reading -------------------------------------------------------------------------------------- */

/* The end of DIR/log, from the beginning of a line; NULL: there is none.  free() */
static char *log_tail(const char *directory)
{
  char path[4200], *text = NULL;
  FILE *in;
  long size;
  size_t n;

  snprintf(path, sizeof(path), "%s/log", directory);
  in = fopen(path, "re");
  if (!in) return NULL;
  if (!fseek(in, 0, SEEK_END) && (size = ftell(in)) > 0) {
    const long skip = size > LOG_TAIL ? size - LOG_TAIL : 0;

    text = fseek(in, skip, SEEK_SET) ? NULL : (char *)calloc((size_t)(size - skip) + 1, 1);
    n = text ? fread(text, 1, (size_t)(size - skip), in) : 0;
    if (text) text[n] = 0;
    if (text && skip > 0) memmove(text, text + strcspn(text, "\n"), n + 1 - strcspn(text, "\n"));
  }
  fclose(in);
  return text;
}

/* "TIME event=fail point=..." or "TIME event=relaunch number=1" in parts; NULL: another line. */
static json_t *error_of(const char *line)
{
  const size_t stamp = strcspn(line, " ");
  const char *event = line + stamp + (line[stamp] == ' '), *text = NULL;

  if (!strncmp(event, "event=fail ", 11)) text = event + 11;
  if (!strncmp(event, "event=relaunch ", 15)) text = "the job died and was started again";
  if (!text) return NULL;
  return json_pack("{s:s%, s:s}", "time", line, stamp, "text", text);
}

static json_t *last_error(const char *directory)
{
  char *text = log_tail(directory), *rest = NULL;
  json_t *found = NULL;

  for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
       line = strtok_r(NULL, "\n", &rest)) {
    json_t *here = error_of(line);

    if (!here) continue;
    json_decref(found);
    found = here;
  }
  free(text);
  return found ? found : json_null();
}

json_t *screen_status_read(const char *directory, char problem[256])
{
  char path[4200];
  json_error_t error;
  json_t *root;

  snprintf(path, sizeof(path), "%s/status.json", directory);
  root = json_load_file(path, 0, &error);
  if (!root) {
    snprintf(problem, 256, "%s", error.text);
    return NULL;
  }
  json_object_set_new(root, "alive", json_boolean(screen_directory_busy(directory)));
  json_object_set_new(root, "last_error", last_error(directory));
  return root;
}

/* For people ----------------------------------------------------------------------------------- */

/* "running", "complete", or what became of a run that says it runs but holds no lock */
static const char *true_state(const json_t *root)
{
  const char *state = json_string_value(json_object_get(root, "state"));

  if (!state) return "unknown";
  if (!strcmp(state, "running") && !json_is_true(json_object_get(root, "alive"))) {
    return "not running: it was stopped or died; the same `liquidus run` goes on from here";
  }
  return state;
}

static long long integer(const json_t *root, const char *key)
{
  return (long long)json_integer_value(json_object_get(root, key));
}

static double real(const json_t *root, const char *key)
{
  return json_number_value(json_object_get(root, key));
}

/* "viscosity 8.1 % (5 %), diffusion of Cl met" after a point's state */
static void print_targets(json_t *targets, FILE *out)
{
  const char *name, *separator = "";
  json_t *t;

  if (json_object_size(targets) == 0) return;
  fprintf(out, "  targets: ");
  json_object_foreach(targets, name, t)
  {
    const char *species = json_string_value(json_object_get(t, "species"));
    const char *state = json_string_value(json_object_get(t, "state"));
    const json_t *error = json_object_get(t, "error");

    fprintf(out, "%s%s%s%s ", separator, name, species ? " of " : "", species ? species : "");
    if (json_is_real(error)) fprintf(out, "%.2g of ", 100.0 * json_real_value(error));
    fprintf(out, "%.3g %% %s", 100.0 * real(t, "target"), state ? state : "unknown");
    separator = ", ";
  }
  fputc('\n', out);
}

static void print_point(const json_t *row, FILE *out)
{
  const double steps = (double)integer(row, "steps"), done = (double)integer(row, "steps_done");
  const char *reason = json_string_value(json_object_get(row, "reason"));

  fprintf(out, "%-40s %-12s %6.1f  %10.1f  %lld%s%s\n",
          json_string_value(json_object_get(row, "point")),
          json_string_value(json_object_get(row, "state")),
          steps > 0.0 ? 100.0 * done / steps : 0.0, real(row, "seconds"), integer(row, "crashes"),
          reason && reason[0] ? "  " : "", reason ? reason : "");
  print_targets(json_object_get(row, "targets"), out);
}

/* 0: runs or failed; 1: is planned or excluded; 2: is done */
static int interest(const json_t *row)
{
  const char *state = json_string_value(json_object_get(row, "state"));

  if (!state || !strcmp(state, "done")) return 2;
  return !strcmp(state, "planned") || !strcmp(state, "excluded");
}

static void print_points(const json_t *table, int rows, FILE *out)
{
  const size_t n = json_array_size(table);
  int left = rows > 0 ? rows : (int)n;
  json_t *row;
  size_t i;

  fprintf(out, "\n%-40s %-12s %6s  %10s  %s\n", "point", "state", "%", "seconds", "crashes");
  for (int pass = rows > 0 && n > (size_t)rows ? 0 : 3; pass <= 3; pass++) {
    json_array_foreach(table, i, row)
    {
      if (left == 0 || (pass < 3 && interest(row) != pass)) continue;
      print_point(row, out);
      left -= json_object_size(json_object_get(row, "targets")) && left > 1 ? 2 : 1;
    }
    if (pass == 2) break;
  }
  if (rows > 0 && n > (size_t)rows) fprintf(out, "... %zu points in all\n", n);
}

/* All of them together. */
static void print_target_sum(const json_t *sum, FILE *out)
{
  char text[32];

  if (!json_is_object(sum)) return;
  fprintf(out, "targets: %lld of %lld met", integer(sum, "met"), integer(sum, "asked"));
  if (integer(sum, "barred"))
    fprintf(out, ", %lld that more replicas do not help", integer(sum, "barred"));
  if (integer(sum, "met") + integer(sum, "barred") < integer(sum, "asked"))
    fprintf(out, "; about %s of core time missing, as far as is known",
            screen_duration(real(sum, "core_seconds_needed"), text));
  fputc('\n', out);
}

/* "about 2 h 05 min left (1 h 50 min to 2 h 40 min)" */
static void print_left(const json_t *root, FILE *out)
{
  char text[3][32];

  fprintf(out, "about %s left (%s to %s); ", screen_duration(real(root, "seconds_left"), text[0]),
          screen_duration(real(root, "seconds_left_low"), text[1]),
          screen_duration(real(root, "seconds_left_high"), text[2]));
}

static void print_hours(const json_t *root, FILE *out)
{
  const json_t *hours = json_object_get(root, "core_hours");
  const json_t *budget = json_object_get(hours, "budget");

  if (!hours) return;
  if (json_is_true(json_object_get(root, "alive"))) print_left(root, out);
  fprintf(out, "%.3g core-hours used", real(hours, "used"));
  if (real(hours, "left") > 0.0)
    fprintf(out, ", %.3g left (%.3g to %.3g)", real(hours, "left"), real(hours, "left_low"),
            real(hours, "left_high"));
  if (json_is_number(budget)) fprintf(out, ", budget %.4g", json_number_value(budget));
  fputc('\n', out);
}

static void print_use(const json_t *use, FILE *out)
{
  char text[32];

  if (!json_is_object(use) || real(use, "seconds") <= 0.0) return;
  fprintf(out,
          "in %s workers were idle for %.2g %% and wrote journals for %.2g %%; the dispatcher "
          "took %.2g %% of a core\n",
          screen_duration(real(use, "seconds"), text), 100.0 * real(use, "idle"),
          100.0 * real(use, "journal"), 100.0 * real(use, "dispatcher"));
}

static void print_worst(const json_t *worst, FILE *out)
{
  const char *before = "largest errors: ";
  json_t *w;
  size_t i;

  json_array_foreach(worst, i, w)
  {
    const char *species = json_string_value(json_object_get(w, "species"));

    fprintf(out, "%s%s of %s%s%s %.2g %%", before,
            json_string_value(json_object_get(w, "property")), species ? species : "",
            species ? " at " : "", json_string_value(json_object_get(w, "point")),
            100.0 * real(w, "error"));
    if (json_is_number(json_object_get(w, "target")))
      fprintf(out, " (%.3g %% wanted)", 100.0 * real(w, "target"));
    before = "; ";
  }
  if (json_array_size(worst)) fputc('\n', out);
}

static void print_error(const json_t *error, FILE *out)
{
  if (!json_is_object(error)) return;
  fprintf(out, "last error: %s: %s\n", json_string_value(json_object_get(error, "time")),
          json_string_value(json_object_get(error, "text")));
}

/* A clock that was set back, or another machine's, makes the page younger than now. */
static void print_age(long long age, FILE *out)
{
  if (age >= 0)
    fprintf(out, " (as of %lld s ago)\n", age);
  else
    fprintf(out, " (of unknown age: written by a clock that was %lld s ahead of this one)\n", -age);
}

void screen_status_print(const json_t *root, int rows, FILE *out)
{
  char excluded[96] = "";

  fprintf(out, "campaign %s: %s\n", json_string_value(json_object_get(root, "campaign")),
          true_state(root));
  if (integer(root, "excluded") > 0)
    snprintf(excluded, sizeof(excluded), ", %lld excluded", integer(root, "excluded"));
  if (integer(root, "partial") > 0)
    snprintf(excluded + strlen(excluded), 48, ", %lld partial", integer(root, "partial"));
  fprintf(
      out, "%lld points: %lld done, %lld failed, %lld running, %lld planned%s; %.0f %% of the work",
      integer(root, "points"), integer(root, "done"), integer(root, "failed"),
      integer(root, "running"), integer(root, "planned"), excluded, 100.0 * real(root, "fraction"));
  print_age((long long)screen_calendar() - integer(root, "updated"), out);
  print_hours(root, out);
  print_use(json_object_get(root, "use"), out);
  print_target_sum(json_object_get(root, "targets"), out);
  print_worst(json_object_get(root, "worst"), out);
  print_error(json_object_get(root, "last_error"), out);
  print_points(json_object_get(root, "table"), rows, out);
}

/* The verb ------------------------------------------------------------------------------------- */

static PetscErrorCode show(const char *directory, PetscBool as_json, screen_exit *code)
{
  char problem[256];
  json_t *root = screen_status_read(directory, problem);

  PetscFunctionBegin;
  if (!root) {
    PetscCall(screen_cli_refuse("status", code, "%s: no campaign's results here (%s)", directory,
                                problem));
    PetscFunctionReturn(0);
  }
  if (as_json)
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
  else
    screen_status_print(root, 0, stdout);
  if (as_json) putchar('\n');
  json_decref(root);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_status(int argc, char **argv, screen_exit *code)
{
  const char *directory = NULL;
  PetscBool as_json = PETSC_FALSE, watch = PETSC_FALSE;

  PetscFunctionBegin;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--json"))
      as_json = PETSC_TRUE;
    else if (!strcmp(argv[i], "--watch"))
      watch = PETSC_TRUE;
    else if (!directory && argv[i][0] != '-')
      directory = argv[i];
    else
      directory = "";
  }
  if (!directory || !directory[0] || (as_json && watch))
    PetscCall(screen_cli_refuse("status", code,
                                "wanted one directory and at most one of --json and --watch"));
  else if (watch)
    PetscCall(screen_status_watch(directory, code));
  else
    PetscCall(show(directory, as_json, code));
  PetscFunctionReturn(0);
}
