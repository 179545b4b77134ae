/* queue/queue_batch.h - a job of a batch system: its script, and handing it in
 *
 * The script starts the work, hands signals on to it, and hands in a successor when the work ends
 * with exit code 75 (EX_TEMPFAIL: stopped in time, to be continued).  It does not know what the
 * work is.  What it gives the work: the environment variable QUEUE_BATCH_DEADLINE, seconds since
 * 1970 after which the work should not be running, and SIGUSR1 when the batch system warns of the
 * end: finish what is begun, begin nothing.  SIGTERM and SIGINT go on to the work as SIGTERM, and
 * before the deadline there is no successor then: somebody wants an end.
 *
 * Not collective; one process calls.  Verified by: tests/unit/queue/test_queue_batch.c (texts,
 * quoting, a stand-in for sbatch and qsub), tests/system/slurm_submit.sh (a real Slurm)
 */
#pragma once

#include <petscsys.h>

#define QUEUE_BATCH_DEADLINE "LIQUIDUS_DEADLINE"

typedef enum {
  QUEUE_BATCH_LOCAL, /* in the background on this machine */
  QUEUE_BATCH_SLURM,
  QUEUE_BATCH_PBS, /* PBS Professional and OpenPBS */
  QUEUE_BATCH_TORQUE,
  QUEUE_BATCH_NSYSTEM
} queue_batch_system;

/* Texts may be NULL or "" where nothing is asked for. */
typedef struct {
  queue_batch_system system;
  const char *name;                         /* of the job; other characters become '_' */
  PetscInt nodes, tasks;                    /* nodes >= 1, tasks (cores) on each >= 1 */
  PetscReal walltime;                       /* [s] 0: what the batch system has by default */
  PetscReal margin;                         /* [s] before that the work is to stop, < walltime */
  const char *partition, *account, *memory; /* partition or queue; memory of a node, as "4G" */
  const char *directives;                   /* lines, to which #SBATCH or #PBS is put */
  const char *setup;                        /* shell commands before the work: module load ... */
  const char *folder;                       /* absolute; where the work starts */
  const char *output;                       /* absolute; what the job prints is appended here */
  const char *environment;                  /* "NAME=value" for work and successor */
  const char *work, *again;                 /* shell commands; `again` hands in the successor */
} queue_batch_job;

/* "local", "slurm", "pbs", "torque"; NULL behind the last */
const char *queue_batch_name(queue_batch_system system);

/* queue_batch_script - the script of a job
 *
 * Out:  text  PetscFree().  POSIX shell; directives of the batch system first
 * Returns PETSC_ERR_ARG_OUTOFRANGE for counts or times outside the ranges above, and for a line
 * feed in a text that goes into a directive. */
PetscErrorCode queue_batch_script(const queue_batch_job *job, char **text);

/* queue_batch_quote - `text` as one word of a shell; PetscFree(*quoted) */
PetscErrorCode queue_batch_quote(const char *text, char **quoted);

/* queue_batch_submit - hands a script in: sbatch, qsub, or a process of its own
 *
 * In:   script  path of the file
 *       output  of local jobs, as in queue_batch_job
 * Out:  id      [64] number of the job as the batch system prints it, or of the process
 *       error   [256] "" or, in one line, why it was not taken: what the command said, or that
 *               there is no such command.  The return code is 0 then, too. */
PetscErrorCode queue_batch_submit(queue_batch_system system, const char *script, const char *output,
                                  char id[64], char error[256]);
