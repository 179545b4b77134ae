/* screening/screen_run.h - the parts of `liquidus run`
 *
 *   supervisor   the command the user typed: checks the campaign, starts mpiexec, starts it again
 *   when it died
 *   dispatcher   rank 0: owns the directory and the task list, hands out segments, never computes
 *   worker       every other rank, in groups of equal size: run segments, one journal a group
 *   finish       all ranks: results.h5 from the journals
 */
#pragma once

#include "screening/screen_campaign.h"
#include "screening/screen_directory.h"
#include "screening/screen_grid.h"
#include "screening/screen_measured.h"
#include "screening/screen_message.h"
#include "screening/screen_table.h"
#include "screening/screen_target.h"

/* What was typed. */
typedef struct {
  const char *campaign;
  char directory[4096];
  PetscInt ranks;    /* 0: choose */
  PetscInt group;    /* ranks that share the atoms of one task; 0: 1 */
  PetscReal wait;    /* [s] to wait for a run that works in the directory; 0: refuse */
  PetscReal segment; /* [s] of work in one segment: what a crash may cost; 0: choose */
  mtp_kernel_kind kernel;
  PetscBool quiet;
  PetscBool
      planning; /* a potential that does not exist yet is no obstacle: session.potential is NULL */
} screen_run_options;

/* What the processes of a run did with their time since it began to hand out (screen_use.h). */
typedef struct {
  PetscInt groups;
  double seconds;   /* [s] since then */
  double busy;      /* [s] sum over groups: segments, with reading where they start */
  double occupied;  /* [s] the same and writing journals */
  double processor; /* [s] processor time of the dispatcher */
} screen_use;

/* The property of a point whose error is largest. */
typedef struct {
  double badness; /* error over target, or the error where there is none; 0: no value */
  double error;   /* relative */
  screen_target_id target;
  PetscInt species; /* -1: one value for the point */
} screen_worst;

/* What every rank knows. */
typedef struct {
  screen_run_options options;
  screen_campaign *campaign;
  screen_grid *grid;
  md_potential *potential;  /* the first member's of a committee */
  md_potential **committee; /* [campaign->nmember], its first is the same; NULL: no committee */
  const char *unwatched;    /* why extrapolation is not watched; NULL: it is */
  screen_measurements experiments; /* of campaign->compare */
  char (*reason)[160]; /* [npoint] rank 0: why a point failed, of its lowest replica; "" */
  screen_gap *gap;     /* [npoint,SCREEN_NTARGET] rank 0: as far as it was looked at; NULL: there
                          are no targets, or nobody looked */
  screen_worst *worst; /* [npoint] rank 0: of the table last written; NULL: none was */
  screen_use use;      /* rank 0 */
  int64_t generation;  /* of the journals */
} screen_session;

/* screen_session_open - campaign, grid, potential, experiments; defaults for ranks and directory
 * Bad input of any of the files goes to diag (the session is then only good for closing). */
PetscErrorCode screen_session_open(const screen_run_options *options, screen_session *session,
                                   mtp_diag *diag);
PetscErrorCode screen_session_close(screen_session *session);

/* What runs the points of member m. */
const md_potential *screen_session_potential(const screen_session *session, PetscInt m);

/* The value of --kernel: a name that is not known, or a kernel that this processor does not have,
 * is refused. */
PetscErrorCode screen_session_kernel(const char *verb, const char *text, mtp_kernel_kind *kernel,
                                     screen_exit *code);

/* Environment variables by which the supervisor speaks to the ranks it starts. */
/* how many were asked for: a mixture of MPIs shows */
#define SCREEN_ENV_RANKS    "LIQUIDUS_RANKS"
#define SCREEN_ENV_RELAUNCH "LIQUIDUS_RELAUNCH" /* how often this job died before */
#define SCREEN_ENV_TERMINAL "LIQUIDUS_TERMINAL" /* standard output is a terminal */
/* [s] of silence after which a group, or the dispatcher, is taken for hung; from whoever runs it */
#define SCREEN_ENV_PATIENCE "LIQUIDUS_PATIENCE"
#define SCREEN_PATIENCE     300.0
double screen_patience(void); /* at least 1 s */

/* The mpiexec that starts ranks: of the build's MPI, or LIQUIDUS_MPIEXEC. */
const char *screen_launcher(void);

/* screen_supervise - runs the campaign under mpiexec until it is complete
 *
 * In: session  campaign read, options.ranks >= 2
 * Out: code    what the ranks concluded (status.json), or SCREEN_EXIT_ENVIRONMENT when the job
 * keeps dying without progress,
 *              or SCREEN_EXIT_RESUMABLE after SIGINT or SIGTERM
 * A job that dies (MPICH ends all ranks when one is killed) is started again as long as it made
 * progress in between, and SCREEN_RELAUNCHES times without.  A dispatcher whose lock does not beat
 * for screen_patience() is killed with its job; it does the same with a group that gives no sign.
 * Verified by: tests/fault/campaign_killed.sh, tests/fault/hung.sh */
enum { SCREEN_RELAUNCHES = 5 };
PetscErrorCode screen_supervise(const screen_session *session, screen_exit *code);

/* Rank 0.  Owns `tasks`; returns when nothing is left to do (or SIGTERM came: *code =
 * SCREEN_EXIT_RESUMABLE) and all workers were told to stop. */
PetscErrorCode screen_dispatch(MPI_Comm comm, screen_session *session, screen_directory *directory,
                               queue_tasks *tasks, screen_exit *code);

/* Ranks 1...: until told to stop. */
PetscErrorCode screen_work(MPI_Comm comm, screen_session *session);

/* screen_finish - every rank reads its share of the points from the journals; results.h5 is written
 * collectively, ended.xyz by the first rank
 * Collective.  *failed: points that have no values.  *table: values of all points, on every rank;
 * free it with screen_table_free(); NULL: not wanted. */
PetscErrorCode screen_finish(MPI_Comm comm, const screen_session *session, PetscInt *failed,
                             screen_result **table);

/* The tasks of the campaign before any journal is read; PetscFree(*spec).  The same on every rank.
   */
PetscErrorCode screen_session_specs(const screen_session *session, PetscInt *n,
                                    queue_task_spec **spec);

/* A session's tasks as the journals tell; *name: the campaign the journals are of (PetscFree), NULL
   if there are none. */
PetscErrorCode screen_session_tasks(const screen_session *session, queue_tasks **tasks,
                                    int64_t *generation, char **name);

/* Refuses a directory whose journals are of another campaign: one line on stderr, *code =
   SCREEN_EXIT_BAD_INPUT. */
PetscErrorCode screen_session_check_name(const screen_session *session, const char *name,
                                         screen_exit *code);

/* Steps in the journals, the measure of progress between two deaths and two jobs; 0 where no run
 * was.  Refuses as screen_session_check_name(). */
PetscErrorCode screen_session_steps(const screen_session *session, double *steps,
                                    screen_exit *code);

/* What a run noted in status.json for those who come after it: the campaign file it read, as an
 * absolute path, and the kernel; "" where it did not.  A directory without is refused with one line
 * on stderr and *code = SCREEN_EXIT_BAD_INPUT. */
typedef struct {
  char campaign[SCREEN_PATH_MAX], kernel[MD_KERNEL_TEXT];
} screen_source;
PetscErrorCode screen_directory_source(const char *verb, const char *directory,
                                       screen_source *source, screen_exit *code);

/* What the values say about the targets, kept as session->gap; nothing without targets. */
PetscErrorCode screen_session_look(screen_session *session, const queue_tasks *tasks,
                                   const screen_result result[]);
/* Whether some target is not met, as far as anybody looked. */
PetscBool screen_session_missed(const screen_session *session);

/* The table for people, what became of targets, and where it is stored. */
PetscErrorCode screen_print_table(const screen_session *session, const screen_result result[]);

/* Default of screen_run_options.segment, as long as states are small (screen_segment_seconds()). */
#define SCREEN_SEGMENT_SECONDS 20.0

/* Crashes of its process without progress after which a task is given up. */
enum { SCREEN_MAX_CRASHES = 3 };

/* Default cost of a step before anything was measured, seconds per atom. */
#define SCREEN_COST_GUESS 2e-5

/* Progress on the terminal and status.json (screen_progress.c). */
typedef struct {
  PetscBool terminal, quiet;
  double started, shown, saved; /* [s] */
  PetscBool line_open;
} screen_progress;
PetscErrorCode screen_progress_begin(const screen_session *session, screen_progress *progress);
PetscErrorCode screen_progress_show(const screen_session *session, const queue_tasks *tasks,
                                    PetscInt workers, PetscBool now, screen_progress *progress);
PetscErrorCode screen_progress_point(const screen_session *session, const queue_tasks *tasks,
                                     PetscInt point, screen_progress *progress);
/* state: "running", "complete", "stopped"; code: exit code, -1 while running */
PetscErrorCode screen_progress_save(const screen_session *session, const queue_tasks *tasks,
                                    const char *state, int code, screen_progress *progress);
double screen_seconds(void); /* monotonic clock: for whatever lasts */
/* [s] since 1970 by the calendar, which may be set at any time: for stamps, and once for a date
   that comes from outside */
double screen_calendar(void);
/* "2 h 05 min", "3 min", "40 s", "4.2 s"; returns text */
const char *screen_duration(double seconds, char text[32]);

/* The table on the terminal (screen_report.c): values, errors, comparison with experiment, reasons
   of what is missing. */
PetscErrorCode screen_report_table(const screen_session *session, const screen_result result[],
                                   FILE *out);
