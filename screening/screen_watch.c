/* screening/screen_watch.c - `liquidus status DIR --watch` */
#include "screening/screen_cli.h"
#include "screening/screen_run.h"
#include "screening/screen_status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DRAW_SECONDS 2  /* between two looks */
#define LINE_SECONDS 30 /* between two lines where nothing changed */

static volatile sig_atomic_t ended;

static void hear(int number)
{
  ended = number;
}

static void listen_for_ends(void)
{
  const struct sigaction action = {.sa_handler = hear}; /* no SA_RESTART: a nap ends early */

  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
}

static int rows_of_terminal(void)
{
  struct winsize size;

  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row < 4) return 24;
  return size.ws_row;
}

/* The page over the one before, line by line: what is erased at once flickers. */
static PetscErrorCode draw(const json_t *root)
{
  char *page = NULL, *rest = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&page, &size);

  PetscFunctionBegin;
  PetscCheck(to, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a page");
  screen_status_print(root, PetscMax(3, rows_of_terminal() - 12), to);
  fclose(to);
  fputs("\033[H", stdout);
  for (char *line = strtok_r(page, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
    printf("%s\033[K\n", line);
  fputs("\033[J", stdout);
  fflush(stdout);
  free(page);
  PetscFunctionReturn(0);
}

/* What the last line said, and when. */
typedef struct {
  long long done, failed, running;
  char state[64];
  double at; /* [s] of screen_seconds() */
} last_line;

static long long integer(const json_t *root, const char *key)
{
  return (long long)json_integer_value(json_object_get(root, key));
}

static void print_line(const json_t *root, last_line *last)
{
  const char *state = json_string_value(json_object_get(root, "state"));
  const PetscBool alive = (PetscBool)json_is_true(json_object_get(root, "alive"));
  last_line now = {integer(root, "done"), integer(root, "failed"), integer(root, "running"), "",
                   screen_seconds()};
  char left[32];

  snprintf(now.state, sizeof(now.state), "%s%s", state ? state : "unknown",
           !alive && state && !strcmp(state, "running") ? ", but nothing works here" : "");
  if (now.done == last->done && now.failed == last->failed && !strcmp(now.state, last->state) &&
      now.at - last->at < (double)LINE_SECONDS)
    return;
  printf("%s: %.0f %%, %lld of %lld points done, %lld running, %lld failed", now.state,
         100.0 * json_number_value(json_object_get(root, "fraction")), now.done,
         integer(root, "points"), now.running, now.failed);
  if (alive)
    printf("; about %s left",
           screen_duration(json_number_value(json_object_get(root, "seconds_left")), left));
  putchar('\n');
  fflush(stdout);
  *last = now;
}

/* A run that begins takes status.json away for a moment: the page before stays. */
static PetscErrorCode watch(const char *directory, PetscBool terminal, screen_exit *code)
{
  const struct timespec nap = {.tv_sec = DRAW_SECONDS};
  last_line last = {.done = -1};
  char problem[256];

  PetscFunctionBegin;
  *code = SCREEN_EXIT_RESUMABLE;
  while (!ended) {
    json_t *root = screen_status_read(directory, problem);
    const char *state = json_string_value(json_object_get(root, "state"));
    const PetscBool complete = (PetscBool)(state && !strcmp(state, "complete"));

    if (root && terminal) PetscCall(draw(root));
    if (root && !terminal) print_line(root, &last);
    if (complete) *code = (screen_exit)integer(root, "exit_code");
    json_decref(root);
    if (complete || ferror(stdout)) break;
    nanosleep(&nap, NULL);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_status_watch(const char *directory, screen_exit *code)
{
  const PetscBool terminal = (PetscBool)isatty(STDOUT_FILENO);
  char problem[256];
  json_t *root = screen_status_read(directory, problem);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!root && !screen_directory_busy(directory)) {
    PetscCall(screen_cli_refuse("status", code, "%s: no campaign's results here (%s)", directory,
                                problem));
    PetscFunctionReturn(0);
  }
  json_decref(root);
  listen_for_ends();
  if (terminal) fputs("\033[2J\033[?25l", stdout); /* an empty page without a cursor */
  ierr = watch(directory, terminal, code);
  if (terminal) fputs("\033[?25h", stdout);
  fflush(stdout);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
