/* screening/screen_explain_verb.c - `liquidus explain DIR POINT`: reads, never touches */
#include "screening/screen_cli.h"
#include "screening/screen_committee.h"
#include "screening/screen_explain.h"

#include <stdio.h>

/* All points, because slopes take several; then one is explained. */
static PetscErrorCode explain(screen_session *session, PetscInt point)
{
  const PetscInt n = session->grid->npoint;
  screen_result *all, *table = NULL;
  PetscInt *index;
  queue_tasks *tasks;
  int64_t generation;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(screen_session_tasks(session, &tasks, &generation, NULL));
  PetscCall(PetscCalloc1(n, &all));
  PetscCall(PetscMalloc1(n, &index));
  for (PetscInt p = 0; p < n && !ierr; p++) {
    index[p] = p;
    ierr = screen_committee_compute(session->campaign, session->grid, tasks, p,
                                    session->options.directory, &all[p]);
  }
  if (!ierr)
    ierr = screen_committee_table(PETSC_COMM_SELF, session->campaign, session->grid, n, index, all,
                                  &table);
  if (!ierr) ierr = screen_session_look(session, tasks, all);
  if (!ierr) ierr = screen_explain_point(session, tasks, point, &all[point], stdout);
  PetscCall(screen_table_free(n, &table));
  PetscCall(screen_table_free(n, &all));
  PetscCall(PetscFree(index));
  PetscCall(queue_tasks_destroy(&tasks));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode explain_named(screen_session *session, const char *name, screen_exit *code)
{
  const screen_choice_names names = screen_explain_names(session->grid);
  const PetscInt point = screen_choice_find(&names, name);

  PetscFunctionBegin;
  if (point >= 0)
    PetscCall(explain(session, point));
  else
    PetscCall(screen_choice_refuse("explain", &names, name, point, code));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_verb_explain(int argc, char **argv, screen_exit *code)
{
  screen_run_options options = {.planning = PETSC_TRUE};
  screen_session session = {0};
  screen_source source;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  if (argc != 3 || argv[1][0] == '-') {
    PetscCall(screen_cli_refuse("explain", code, "wanted one directory and one point"));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscStrncpy(options.directory, argv[1], sizeof(options.directory)));
  PetscCall(screen_directory_source("explain", argv[1], &source, code));
  if (*code == SCREEN_EXIT_DONE && !source.campaign[0])
    PetscCall(
        screen_cli_refuse("explain", code, "%s: does not say which campaign it is of", argv[1]));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  options.campaign = source.campaign;
  PetscCall(screen_session_open(&options, &session, &diag));
  PetscCall(screen_cli_report(&diag, code));
  if (diag.n == 0) PetscCall(explain_named(&session, argv[2], code));
  PetscCall(screen_session_close(&session));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
