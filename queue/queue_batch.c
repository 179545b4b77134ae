/* queue/queue_batch.c - scripts of batch jobs, and handing them in; contract in the header */
#include "queue/queue_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[QUEUE_BATCH_NSYSTEM + 1] = {"local", "slurm", "pbs", "torque", NULL};

const char *queue_batch_name(queue_batch_system system)
{
  return system < QUEUE_BATCH_NSYSTEM ? names[system] : NULL;
}

/* Text that grows ------------------------------------------------------------------------------ */

typedef struct {
  char *text;
  size_t size;
  FILE *to;
} writer;

static PetscErrorCode open_writer(writer *w)
{
  PetscFunctionBegin;
  *w = (writer){0};
  w->to = open_memstream(&w->text, &w->size);
  PetscCheck(w->to, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s", strerror(errno));
  PetscFunctionReturn(0);
}

/* The text becomes memory of PETSc's. */
static PetscErrorCode close_writer(writer *w, char **text)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(!fclose(w->to) && w->text, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s", strerror(errno));
  ierr = PetscStrallocpy(w->text, text);
  free(w->text);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode queue_batch_quote(const char *text, char **quoted)
{
  writer w;

  PetscFunctionBegin;
  PetscCall(open_writer(&w));
  fputc('\'', w.to);
  for (const char *c = text; *c; c++) {
    if (*c == '\'')
      fputs("'\\''", w.to);
    else
      fputc(*c, w.to);
  }
  fputc('\'', w.to);
  PetscCall(close_writer(&w, quoted));
  PetscFunctionReturn(0);
}

/* Script --------------------------------------------------------------------------------------- */

static PetscBool given(const char *text)
{
  return (PetscBool)(text && text[0]);
}

static const char *prefix_of(queue_batch_system system)
{
  if (system == QUEUE_BATCH_SLURM) return "#SBATCH";
  return system == QUEUE_BATCH_LOCAL ? NULL : "#PBS";
}

__attribute__((format(printf, 3, 4))) static void direct(writer *w, const char *prefix,
                                                         const char *format, ...)
{
  va_list arguments;

  fprintf(w->to, "%s ", prefix);
  va_start(arguments, format);
  vfprintf(w->to, format, arguments);
  va_end(arguments);
  fputc('\n', w->to);
}

/* hours:minutes:seconds, any number of hours */
static char *clock_of(PetscReal seconds, size_t size, char out[])
{
  const long long s = (long long)ceil(seconds);

  snprintf(out, size, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return out;
}

/* Batch systems allow letters, digits and a few signs. */
static char *plain_name(const char *name, size_t size, char out[])
{
  size_t n = 0;

  for (const char *c = name; *c && n + 1 < size; c++, n++) {
    const PetscBool plain = (PetscBool)(strchr("-_.", *c) || (*c >= '0' && *c <= '9') ||
                                        (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'));

    out[n] = *c;
    if (!plain) out[n] = '_';
  }
  out[n] = 0;
  return out;
}

/* `option` and a path, in quotes where it has more than plain characters: directives are read as a
   shell would, and sbatch puts numbers in place of %j and the like. */
static void direct_path(writer *w, const char *prefix, const char *option, const char *path,
                        PetscBool percent)
{
  const PetscBool plain = (PetscBool)(strcspn(path, " \t\"\\%$`'") == strlen(path));

  fprintf(w->to, "%s %s", prefix, option);
  if (!plain) fputc('"', w->to);
  for (const char *c = path; *c; c++) {
    if (strchr("\"\\", *c)) fputc('\\', w->to);
    if (*c == '%' && percent) fputc('%', w->to);
    fputc(*c, w->to);
  }
  fputs(plain ? "\n" : "\"\n", w->to);
}

static void direct_slurm(const queue_batch_job *job, writer *w)
{
  const char *p = "#SBATCH";
  char text[64];

  direct(w, p, "--job-name=%s", plain_name(job->name, sizeof(text), text));
  direct(w, p, "--nodes=%" PetscInt_FMT, job->nodes);
  direct(w, p, "--ntasks-per-node=%" PetscInt_FMT, job->tasks);
  if (job->walltime > 0.0) {
    direct(w, p, "--time=%s", clock_of(job->walltime, sizeof(text), text));
    direct(w, p, "--signal=B:USR1@%.0f", (double)job->margin);
  }
  if (given(job->partition)) direct(w, p, "--partition=%s", job->partition);
  if (given(job->account)) direct(w, p, "--account=%s", job->account);
  if (given(job->memory)) direct(w, p, "--mem=%s", job->memory);
  direct_path(w, p, "--output=", job->output, PETSC_TRUE);
  direct(w, p, "--open-mode=append");
  direct(w, p, "--requeue");
}

static void direct_pbs(const queue_batch_job *job, writer *w)
{
  const char *p = "#PBS";
  char text[64], memory[64] = "";

  if (given(job->memory)) snprintf(memory, sizeof(memory), ":mem=%s", job->memory);
  direct(w, p, "-N %s", plain_name(job->name, 16, text));
  if (job->system == QUEUE_BATCH_PBS) {
    direct(w, p, "-l select=%" PetscInt_FMT ":ncpus=%" PetscInt_FMT ":mpiprocs=%" PetscInt_FMT "%s",
           job->nodes, job->tasks, job->tasks, memory);
  } else {
    direct(w, p, "-l nodes=%" PetscInt_FMT ":ppn=%" PetscInt_FMT, job->nodes, job->tasks);
    if (memory[0]) direct(w, p, "-l mem=%s", job->memory);
  }
  if (job->walltime > 0.0) {
    direct(w, p, "-l walltime=%s", clock_of(job->walltime, sizeof(text), text));
  }
  if (given(job->partition)) direct(w, p, "-q %s", job->partition);
  if (given(job->account)) direct(w, p, "-A %s", job->account);
  direct(w, p, "-j oe");
  direct_path(w, p, "-o ", job->output, PETSC_FALSE);
  direct(w, p, "-r y");
}

/* Own directives, one a line; they come last, where batch systems let them win. */
static void direct_own(const queue_batch_job *job, writer *w)
{
  const char *prefix = prefix_of(job->system), *line = job->directives;

  while (prefix && given(line)) {
    const size_t n = strcspn(line, "\n");

    if (n) fprintf(w->to, "%s %.*s\n", prefix, (int)n, line);
    line += n + (line[n] == '\n');
  }
}

/* The work in the background, so that the shell can hand signals on while it waits: a trapped
   signal ends `wait` early, which is then called again.  SIGTERM before the deadline is the wish of
   somebody (scancel, qdel, kill): no successor.  But where Slurm says that it was the time limit,
   which somebody made shorter, there is one. */
static const char slurm_limit[] = "case $(scontrol show job \"$SLURM_JOB_ID\" 2>/dev/null) in "
                                  "*Reason=TimeLimit*) ended= ;; esac\n";
static const char body[] = "trap 'kill -USR1 \"$work\" 2>/dev/null' USR1\n"
                           "trap 'ended=1; kill -TERM \"$work\" 2>/dev/null' TERM INT\n"
                           "code=0\n"
                           "ended=\n"
                           "%s &\n"
                           "work=$!\n"
                           "wait \"$work\" || code=$?\n"
                           "while kill -0 \"$work\" 2>/dev/null; do\n"
                           "  code=0\n"
                           "  wait \"$work\" || code=$?\n"
                           "done\n"
                           "%s"
                           "if [ -n \"$ended\" ] && [ \"$(date +%%s)\" -lt "
                           "\"${" QUEUE_BATCH_DEADLINE ":-9999999999}\" ]; then\n"
                           "  exit \"$code\"\n"
                           "fi\n"
                           "# stopped in time and not yet complete: a successor goes on\n"
                           "if [ \"$code\" -eq 75 ]; then\n"
                           "  %s || exit $?\n"
                           "  exit 0\n"
                           "fi\n"
                           "exit \"$code\"\n";

static PetscErrorCode write_body(const queue_batch_job *job, writer *w)
{
  char *folder;

  PetscFunctionBegin;
  fprintf(w->to,
          "# Made by `liquidus submit`, and made anew by it: change the campaign's `queue`.\n");
  if (given(job->setup)) fprintf(w->to, "%s\n", job->setup);
  PetscCall(queue_batch_quote(job->folder, &folder));
  fprintf(w->to, "cd %s || exit 3\n", folder);
  PetscCall(PetscFree(folder));
  if (given(job->environment)) fprintf(w->to, "export %s\n", job->environment);
  if (job->walltime > 0.0) {
    fprintf(w->to, "%s=$(($(date +%%s) + %.0f))\nexport %s\n", QUEUE_BATCH_DEADLINE,
            (double)(job->walltime - job->margin), QUEUE_BATCH_DEADLINE);
  }
  fprintf(w->to, body, job->work, job->system == QUEUE_BATCH_SLURM ? slurm_limit : "", job->again);
  PetscFunctionReturn(0);
}

static PetscErrorCode check(const queue_batch_job *job)
{
  const char *const word[] = {job->name,   job->partition, job->account,
                              job->memory, job->output,    job->environment};

  PetscFunctionBegin;
  PetscCheck(job->system < QUEUE_BATCH_NSYSTEM && job->nodes >= 1 && job->tasks >= 1,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A job has at least a node and a task, got %" PetscInt_FMT " and %" PetscInt_FMT,
             job->nodes, job->tasks);
  PetscCheck(job->walltime == 0.0 || (job->margin >= 0.0 && job->margin < job->walltime),
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "%g s of %g s are no margin",
             (double)job->margin, (double)job->walltime);
  for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
    PetscCheck(!word[i] || !strchr(word[i], '\n'), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "A directive is one line, got '%s'", word[i]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode queue_batch_script(const queue_batch_job *job, char **text)
{
  writer w;

  PetscFunctionBegin;
  PetscCall(check(job));
  PetscCall(open_writer(&w));
  fputs("#!/bin/sh\n", w.to);
  if (job->system == QUEUE_BATCH_SLURM)
    direct_slurm(job, &w);
  else if (job->system != QUEUE_BATCH_LOCAL)
    direct_pbs(job, &w);
  direct_own(job, &w);
  PetscCall(write_body(job, &w));
  PetscCall(close_writer(&w, text));
  PetscFunctionReturn(0);
}

/* Handing in ----------------------------------------------------------------------------------- */

static const char *command_of(queue_batch_system system)
{
  return system == QUEUE_BATCH_SLURM ? "sbatch" : "qsub";
}

/* In the child: never returns. */
static void become_command(queue_batch_system system, const char *script, int to)
{
  const char *command = command_of(system);

  dup2(to, STDOUT_FILENO);
  dup2(to, STDERR_FILENO);
  close(to);
  if (system == QUEUE_BATCH_SLURM)
    execlp(command, command, "--parsable", script, (char *)NULL);
  else
    execlp(command, command, script, (char *)NULL);
  dprintf(STDERR_FILENO, "%s cannot be started: %s\n", command, strerror(errno));
  _exit(127);
}

/* What the command prints, up to `size` - 1 bytes; the rest is read and dropped. */
static void listen_to(int from, size_t size, char said[])
{
  char rest[256];
  size_t n = 0;
  ssize_t got;

  for (;;) {
    got = n + 1 < size ? read(from, said + n, size - 1 - n) : read(from, rest, sizeof(rest));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (n + 1 < size) n += (size_t)got;
  }
  said[n] = 0;
}

/* The last line that is not empty: sites print notices before. */
static char *last_line(char *text)
{
  size_t n = strlen(text);
  char *begin;

  while (n && strchr("\n\r ", text[n - 1])) text[--n] = 0;
  begin = strrchr(text, '\n');
  return begin ? begin + 1 : text;
}

static PetscErrorCode run_command(queue_batch_system system, const char *script, char id[64],
                                  char error[256])
{
  char said[2048], *line;
  int ends[2], status = 0;
  pid_t pid;

  PetscFunctionBegin;
  PetscCheck(!pipe(ends), PETSC_COMM_SELF, PETSC_ERR_SYS, "pipe: %s", strerror(errno));
  pid = fork();
  PetscCheck(pid >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "fork: %s", strerror(errno));
  if (pid == 0) {
    close(ends[0]);
    become_command(system, script, ends[1]);
  }
  close(ends[1]);
  listen_to(ends[0], sizeof(said), said);
  close(ends[0]);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  line = last_line(said);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && line[0]) {
    line[strcspn(line, ";")] = 0; /* sbatch --parsable: number;cluster */
    PetscCall(PetscStrncpy(id, line, 64));
  } else {
    PetscCall(PetscSNPrintf(error, 256, "%s", line[0] ? line : "the command said nothing"));
  }
  PetscFunctionReturn(0);
}

/* In the grandchild, which init adopts: never returns. */
static void become_background(const char *script, const char *output)
{
  const int in = open("/dev/null", O_RDONLY);
  const int out = open(output, O_WRONLY | O_CREAT | O_APPEND, 0666);

  setsid();
  if (in < 0 || out < 0) _exit(127);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  for (int fd = 3; fd < 1024; fd++) close(fd);
  execl("/bin/sh", "sh", script, (char *)NULL);
  _exit(127);
}

static PetscErrorCode run_background(const char *script, const char *output, char id[64])
{
  int ends[2];
  pid_t pid, job = 0;

  PetscFunctionBegin;
  PetscCheck(!pipe(ends), PETSC_COMM_SELF, PETSC_ERR_SYS, "pipe: %s", strerror(errno));
  pid = fork();
  PetscCheck(pid >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "fork: %s", strerror(errno));
  if (pid == 0) {
    job = fork();
    if (job == 0) become_background(script, output);
    _exit(write(ends[1], &job, sizeof(job)) == (ssize_t)sizeof(job) && job > 0 ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &job, sizeof(job)) != (ssize_t)sizeof(job)) job = -1;
  close(ends[0]);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  PetscCheck(job > 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "A process cannot be started");
  PetscCall(PetscSNPrintf(id, 64, "%ld", (long)job));
  PetscFunctionReturn(0);
}

PetscErrorCode queue_batch_submit(queue_batch_system system, const char *script, const char *output,
                                  char id[64], char error[256])
{
  PetscFunctionBegin;
  id[0] = error[0] = 0;
  if (system == QUEUE_BATCH_LOCAL)
    PetscCall(run_background(script, output, id));
  else
    PetscCall(run_command(system, script, id, error));
  PetscFunctionReturn(0);
}
