/* screening/screen_cli.c - the command line; the contract is in the header */
#include "screening/screen_cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const screen_verb verbs[] = {
    {"plan", "CAMPAIGN.yaml [--no-probe] [--kernel KERNEL] [--out DIR]",
     "Checks a campaign, expands its grid, measures the cost here and prints what a run would do.\n"
     "Changes nothing.\n"
     "  --no-probe           without the measurement\n"
     "  -k, --kernel KERNEL  as in `run`\n"
     "  -o, --out DIR        expected errors from what has run there (default: "
     "./<campaign>.run, if\n"
     "                       it is there)",
     screen_verb_plan},
    {"run",
     "CAMPAIGN.yaml [-n RANKS] [--out DIR] [--group N] [--segment SECONDS] [--kernel KERNEL] "
     "[--wait SECONDS] [--quiet]",
     "Runs a campaign, or resumes it: the same command again goes on where it was stopped.\n"
     "  -n, --ranks RANKS  MPI processes, one of them the dispatcher (default: cores + 1)\n"
     "  -o, --out DIR      directory of the results (default: ./<campaign>.run)\n"
     "  -g, --group N      ranks that share the atoms of one task (default: 1); for large cells. "
     "The\n"
     "                     table is the same bit for bit with one size of groups\n"
     "  -w, --wait SECONDS  waits so long for a run that works in DIR (default: 0, refuses)\n"
     "  -s, --segment SECONDS  work between two states on disk: what a crash may cost (default: "
     "20,\n"
     "                     more where a state is large)\n"
     "  -k, --kernel KERNEL  of the potential: reference, portable, avx2, avx512 or auto, the "
     "best\n"
     "                     of the processor (the default); the table is the same bit for bit with\n"
     "                     one kernel\n"
     "  -q, --quiet        no progress, only the table",
     screen_verb_run},
    {"submit", "CAMPAIGN.yaml [--system SYSTEM] [--out DIR] [--dry-run]",
     "Writes a job script, DIR/job.sh, hands it to the batch system and prints the number of the "
     "job.\n"
     "The job runs the campaign, stops before its walltime ends and submits a successor until the\n"
     "campaign is complete.  What it asks for stands in the campaign's `queue`, what is not there "
     "in\n"
     "~/.config/liquidus/site.yaml.\n"
     "  --system SYSTEM    slurm, pbs, torque, or local: in the background here\n"
     "  -o, --out DIR      directory of the results (default: ./<campaign>.run)\n"
     "  --dry-run          prints the script and does nothing",
     screen_verb_submit},
    {"status", "DIR [--json | --watch]",
     "State of each point of a campaign, also while it runs, from any shell: how long still, what "
     "it\n"
     "costs, the largest errors, the last failure.\n"
     "  --json             machine-readable\n"
     "  --watch            again and again until the campaign is complete; plain lines where the\n"
     "                     output is no terminal",
     screen_verb_status},
    {"log", "DIR [POINT]",
     "What happened in a campaign, one line an event: UTC time, event=..., key=value pairs; of "
     "one\n"
     "point with POINT.  Also while it runs, from any shell.\n"
     "  POINT                its number from 0, its name as in `status`, or a part of that",
     screen_verb_log},
    {"explain", "DIR POINT",
     "Why numbers of a point are missing, slow or flagged, and what would cure it: more replicas "
     "or a\n"
     "longer run, how much and at what cost; or something else.  Reads only, also while it runs.\n"
     "  POINT                its number from 0, its name as in `status`, or a part of that",
     screen_verb_explain},
    {"analyze", "DIR [CAMPAIGN.yaml]",
     "Computes all properties of a campaign once more from what its run stored, without dynamics, "
     "and\n"
     "writes results.h5 anew: with the program of today, and with other settings where the "
     "campaign\n"
     "file was edited since, or another is given.  Its points must be those of the run, and what "
     "it\n"
     "asks for must have been sampled.  Several ranks share the points: mpiexec -n 4 liquidus "
     "analyze.",
     screen_verb_analyze},
    {"merge", "A B [MORE...] [--out DIR] [--campaign CAMPAIGN.yaml]",
     "Joins the results of campaigns, without dynamics: points that several directories have are "
     "taken\n"
     "once, replicas join, the longer one of two counts.  A and B are only read.  Again into the "
     "same\n"
     "DIR changes nothing, and `run` goes on there.  Records of the same steps that differ are "
     "named on\n"
     "standard error (exit code 1); that of the directory given first is kept.  Trajectories stay "
     "where\n"
     "they are.\n"
     "  -o, --out DIR        where to (default: ./<campaign>.merged.run)\n"
     "  -c, --campaign FILE  the whole campaign (default: the first of theirs that has the points "
     "of all)",
     screen_verb_merge},
    {"compare", "DIR DATA.csv... [--out DIR] [--json] [--include-flagged] [--fail-if EXPRESSION]",
     "The table of a campaign beside measurements: differences, bias, trend, and a verdict for "
     "each\n"
     "property.  DATA are CSV files of points or correlations (screening/README.md); some are in\n"
     "campaigns/experiments.  Numbers with flags are shown, not counted.\n"
     "  -o, --out DIR        also compare.csv, compare.json and gnuplot scripts\n"
     "  --json               machine-readable\n"
     "  --include-flagged    numbers with flags count\n"
     "  --fail-if EXPRESSION exit code 1 where it holds, as in 'density.mape > 2% or coverage < "
     "0.8';\n"
     "                       statistics are n, bias, mape, rmse, chi2, coverage",
     screen_verb_compare},
    {"export", "DIR FORMAT... [--out DIR] [--include-flagged]",
     "Writes the table of a campaign in the formats of other programs, from DIR/results.h5 or a "
     "results\n"
     "file alone.  Numbers with flags are left out; export.txt beside the folders says which, and "
     "how\n"
     "well a format holds the others.  FORMAT is netcdf, csv, openfoam, mstdb-tp, moose, modelica, "
     "comsol,\n"
     "fluent or fmu.\n"
     "  -o, --out DIR        where to (default: ./<campaign>.export), a folder for each format\n"
     "  --include-flagged    also numbers with flags, which are then named",
     screen_verb_export},
    {"report", "DIR [DATA.csv...] [--out FILE]",
     "One HTML page that needs nothing else: values with errors and flags, figures over "
     "temperature,\n"
     "maps, what convergence looks like, cost, and with DATA the comparison with measurements.\n"
     "  -o, --out FILE       the page (default: ./<campaign>.html)",
     screen_verb_report},
    {"potential", "info FILE... | eval POTENTIAL IN -o OUT | convert IN OUT | bench FILE",
     "Looks into moment tensor potentials (.mtp, .almtp), evaluates one on configurations, "
     "converts\n"
     "files.  Configurations are .cfg (text or binary), extended .xyz, LAMMPS .data or .lmp, by "
     "name.\n"
     "eval keeps the other fields of IN and writes energies, forces, PlusStress and site energies\n"
     "with 17 significant digits, to .cfg or .xyz.  Types in .cfg are positions 0, 1, ... for "
     ".mtp\n"
     "and the numbers of the A-B labels for .almtp; `info` lists them.\n"
     "  -o, --out OUT        where the configurations go\n"
     "  --species Ca,K,Cl    elements of the potential's species in its order, for .xyz and .data\n"
     "convert makes .mtp of .almtp or back, or configurations of configurations; numbers come "
     "back\n"
     "to the last bit.  What OUT has no place for is said on standard error.\n"
     "  --species Ca,K,Cl    elements of the types 0, 1, 2, for .xyz and .data\n"
     "  --type-map 0:20,1:17 new numbers of the types in .cfg or of the species of a potential\n"
     "  --frame N            only the N-th configuration\n"
     "  --binary             binary .cfg\n"
     "bench times a potential on one core, in turns with multiply-adds alone: how far it is from "
     "what\n"
     "they must cost.  The structure has 0.086 atoms/Å^3, the list a skin of 1 Å.\n"
     "  --atoms N            atoms (default: 864)\n"
     "  --kernel KERNEL      reference, portable, avx2 or avx512 (default: the fastest here)\n"
     "  --tables             no code made for this level, as potentials of other levels run\n"
     "  --json               machine-readable",
     screen_verb_potential},
    {"grade", "POTENTIAL IN.cfg [-o OUT.cfg] [--selection STATE.als] [--committee POTENTIAL]",
     "Extrapolation grades: up to 1 the potential interpolates, above 2 a configuration is worth\n"
     "learning, above 10 the potential should not be trusted.  POTENTIAL is an .almtp with an "
     "active\n"
     "set, or a potential beside the state that MLIP-2 wrote.  Prints the largest grade of each\n"
     "configuration and the share of its atoms above 2 and 10 (of configurations, where the set "
     "is\n"
     "of configurations).\n"
     "  -o, --out OUT        the configurations with grades of atoms and the feature MV_grade\n"
     "  --selection STATE    the .als of MLIP-2 for this potential\n"
     "  --committee P        another potential, up to 15 of them: how far all disagree about "
     "forces,\n"
     "                       eV/A, the largest of a configuration and the rms over its atoms\n"
     "                       (features force_disagreement, force_disagreement_rms); POTENTIAL may\n"
     "                       then be without an active set\n"
     "  --species Ca,K,Cl    elements of the potential's species in its order, for .xyz and .data",
     screen_verb_grade},
    {"select", "POTENTIAL CANDIDATES.cfg [--train TRAIN.cfg] [-o SELECTED.cfg] [--save P.almtp]",
     "Which candidates are worth learning: MaxVol over the training set and the candidates, from "
     "the\n"
     "active set of POTENTIAL if it has one.  Selected are those that own a row in the end.\n"
     "  --train TRAIN        what the potential was trained on, offered before the candidates\n"
     "  --mode MODE          neighbourhood (rows are atoms, the default) or configuration\n"
     "  -o, --out SELECTED   the selected candidates\n"
     "  --save P.almtp       the potential with the new active set\n"
     "  --fresh              not from the active set of POTENTIAL\n"
     "  --threshold X        a row must raise the volume by this factor (default: 1.001)\n"
     "  --species Ca,K,Cl    elements of the potential's species in its order, for .xyz and .data",
     screen_verb_select},
    {"train", "TRAIN.yaml [--round K]",
     "Fits a moment tensor potential to energies, forces and stresses of configurations, from one "
     "or\n"
     "several random starts or from a potential, prints its errors, and writes the best one with\n"
     "its active set to NAME.almtp beside the file.  Keys: `train` of `liquidus schema`.\n"
     "Several ranks share the configurations: mpiexec -n 4 liquidus train TRAIN.yaml.\n"
     "With `active_learning` in the file: dynamics of a campaign, selection, labels by an oracle "
     "and\n"
     "fits, again and again until nothing new is met; the same command goes on where it was "
     "stopped.\n"
     "  --round K            only the fit of round K of active learning, as the loop itself does "
     "it",
     screen_verb_train},
    {"schema", "[--markdown]",
     "Prints the JSON Schema of campaign files, or the table of their keys.", screen_verb_schema},
    {"version", "", "Prints the versions of the program and of everything linked.",
     screen_verb_version},
};
enum { NVERB = sizeof(verbs) / sizeof(verbs[0]) };

/* The first error of a chain of PetscCall is the one that says what happened; the rest is the way
   back. */
static char first_error[1024];

static PetscErrorCode keep_first_error(MPI_Comm comm, int line, const char *function,
                                       const char *file, PetscErrorCode n, PetscErrorType type,
                                       const char *message, void *context)
{
  (void)comm;
  (void)context;
  if (type == PETSC_ERROR_INITIAL && !first_error[0]) {
    snprintf(first_error, sizeof(first_error), "%s [%s, %s:%d, error %d]",
             message && message[0] ? message : "error", function, file, line, (int)n);
    for (char *c = first_error; *c; c++) /* MPI's texts have several lines, an error is one */
      if (*c == '\n') *c = ' ';
  }
  return n;
}

const char *screen_cli_error(void)
{
  return first_error;
}

void screen_cli_error_clear(void)
{
  first_error[0] = 0;
}

static const screen_verb *find(const char *name)
{
  for (int i = 0; i < NVERB; i++) {
    if (!strcmp(verbs[i].name, name)) return &verbs[i];
  }
  return NULL;
}

static void usage(FILE *out)
{
  fprintf(out, "liquidus - tables of liquid properties from moment tensor potentials\n\n"
               "usage: liquidus VERB [ARGUMENTS]\n\n");
  for (int i = 0; i < NVERB; i++) {
    fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].arguments);
  }
  fprintf(out,
          "\n`liquidus VERB --help` says more.  Exit codes: 0 done, 1 finished but some points "
          "failed\n"
          "or missed their target, 2 bad input (nothing started), 3 environment (disk, MPI), 75 "
          "stopped and resumable.\n");
}

void screen_cli_usage(const char *verb, FILE *out)
{
  const screen_verb *v = find(verb);

  if (v) fprintf(out, "usage: liquidus %s %s\n\n%s\n", v->name, v->arguments, v->help);
}

PetscErrorCode screen_cli_report(const mtp_diag *diag, screen_exit *code)
{
  PetscFunctionBegin;
  if (diag->n > 0) {
    PetscCall(mtp_diag_print(diag, stderr));
    *code = SCREEN_EXIT_BAD_INPUT;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_cli_refuse(const char *verb, screen_exit *code, const char *format, ...)
{
  va_list arguments;

  PetscFunctionBegin;
  fprintf(stderr, "liquidus %s: ", verb);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  *code = SCREEN_EXIT_BAD_INPUT;
  PetscFunctionReturn(0);
}

PetscInt screen_choice_find(const screen_choice_names *names, const char *text)
{
  PetscInt found = -1;
  char *end;
  const long number = strtol(text, &end, 10);

  if (*text && !*end) return number >= 0 && number < names->n ? (PetscInt)number : -1;
  for (PetscInt i = 0; i < names->n; i++) {
    const char *name = names->name(names->of, i);

    if (strcmp(name, text) == 0) return i;
    if (strstr(name, text)) found = found == -1 ? i : -2;
  }
  return found;
}

PetscErrorCode screen_choice_refuse(const char *verb, const screen_choice_names *names,
                                    const char *text, PetscInt found, screen_exit *code)
{
  PetscFunctionBegin;
  PetscCall(screen_cli_refuse(verb, code, "'%s' is %s; wanted a number from 0 or one of", text,
                              found == -2 ? "part of several points' names" : "no point"));
  for (PetscInt i = 0; i < names->n; i++)
    fprintf(stderr, "  %" PetscInt_FMT "  %s\n", i, names->name(names->of, i));
  PetscFunctionReturn(0);
}

/* An error of the environment: said once, and no rank is left waiting for this one. */
static screen_exit give_up(const char *verb)
{
  /* mpiexec passes on what a rank printed if it gets round to it before the end of the job */
  const struct timespec nap = {.tv_nsec = 300000000};
  PetscMPIInt size = 1;

  fprintf(stderr, "liquidus %s: %s\n", verb, first_error[0] ? first_error : "unknown error");
  fflush(stderr);
  if (!MPI_Comm_size(PETSC_COMM_WORLD, &size) && size > 1) {
    nanosleep(&nap, NULL);
    MPI_Abort(PETSC_COMM_WORLD, SCREEN_EXIT_ENVIRONMENT);
  }
  return SCREEN_EXIT_ENVIRONMENT;
}

/* What was asked for must have arrived: a full disk behind `liquidus schema > file` is not a
 * success.  A run's result is its directory, whatever became of the table on the screen. */
static screen_exit check_output(const char *verb, screen_exit code)
{
  if (!strcmp(verb, "run") || (!fflush(stdout) && !ferror(stdout))) return code;
  fprintf(stderr, "liquidus %s: standard output cannot be written: %s\n", verb, strerror(errno));
  return code == SCREEN_EXIT_DONE ? SCREEN_EXIT_ENVIRONMENT : code;
}

screen_exit screen_cli_main(int argc, char **argv)
{
  screen_exit code = SCREEN_EXIT_DONE;
  const screen_verb *verb;
  PetscErrorCode ierr;

  if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
      !strcmp(argv[1], "help")) {
    usage(argc < 2 ? stderr : stdout);
    return argc < 2 ? SCREEN_EXIT_BAD_INPUT : SCREEN_EXIT_DONE;
  }
  verb = find(!strcmp(argv[1], "--version") ? "version" : argv[1]);
  if (!verb) {
    fprintf(stderr, "liquidus: unknown verb '%s'; `liquidus --help` lists them\n", argv[1]);
    return SCREEN_EXIT_BAD_INPUT;
  }
  for (int i = 2; i < argc; i++) {
    if (!strcmp(argv[i], "--help")) {
      screen_cli_usage(verb->name, stdout);
      return SCREEN_EXIT_DONE;
    }
  }
  if (PetscPushErrorHandler(keep_first_error, NULL)) return SCREEN_EXIT_ENVIRONMENT;
  ierr = verb->run(argc - 1, argv + 1, &code);
  if (ierr) code = give_up(verb->name);
  if (PetscPopErrorHandler()) code = SCREEN_EXIT_ENVIRONMENT;
  return check_output(verb->name, code);
}
