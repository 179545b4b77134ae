/* md/md_trajectory.c - two formats of frames behind one object, whose promises the header makes */
#include "md/md_trajectory.h"

#include "md/md_file.h"
#include "md/md_h5md.h"
#include "md/md_pack.h"
#include "md/md_run_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct md_trajectory {
  md_run *run;
  md_trajectory_spec spec;
  char *path;
  int out;        /* XYZ, on rank 0: the file; -1: none */
  int64_t length; /* of it */
  md_h5md *h5md;  /* H5MD, on rank 0 */
  int64_t mark;
};

/* Rank 0's error on all ranks. */
static PetscErrorCode agree(const md_trajectory *t, PetscErrorCode ierr)
{
  PetscMPIInt code = (PetscMPIInt)ierr;

  PetscFunctionBegin;
  if (t->run->size > 1) PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, t->run->comm));
  PetscCall(ierr);
  PetscCheck(code == 0, PETSC_COMM_SELF, (PetscErrorCode)code, "%s: rank 0 cannot write it",
             t->path);
  PetscFunctionReturn(0);
}

static PetscErrorCode open_xyz(md_trajectory *t)
{
  struct stat about;

  PetscFunctionBegin;
  t->out = open(t->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  PetscCheck(t->out >= 0 && fstat(t->out, &about) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: cannot be opened: %s", t->path, strerror(errno));
  t->length = PetscMin((int64_t)about.st_size, t->mark);
  PetscCheck((int64_t)about.st_size == t->length || ftruncate(t->out, (off_t)t->length) == 0,
             PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be cut: %s", t->path,
             strerror(errno));
  PetscCall(md_file_sync_folder(t->path));
  PetscFunctionReturn(0);
}

static PetscErrorCode open_h5md(md_trajectory *t, const md_atoms *whole)
{
  const md_h5md_spec spec = {.species = t->spec.species,
                             .molecule = t->spec.molecule,
                             .version = t->spec.version,
                             .velocities = t->spec.velocities,
                             .doubles = t->spec.doubles};

  PetscFunctionBegin;
  PetscCall(md_h5md_open(t->path, &spec, whole, md_run_step(t->run), &t->h5md));
  PetscFunctionReturn(0);
}

PetscErrorCode md_trajectory_open(md_run *run, const md_trajectory_spec *spec, int64_t mark,
                                  md_trajectory **trajectory)
{
  md_trajectory *t;
  md_atoms whole;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  *trajectory = t;
  t->run = run;
  t->spec = *spec;
  t->out = -1;
  t->mark = mark;
  PetscCall(PetscStrallocpy(spec->path, &t->path));
  PetscCall(md_run_gather(run, &whole));
  if (run->rank == 0) ierr = spec->format == MD_TRAJECTORY_XYZ ? open_xyz(t) : open_h5md(t, &whole);
  t->spec.molecule = NULL; /* the file has a copy */
  PetscCall(md_atoms_clear(&whole));
  PetscCall(agree(t, ierr));
  PetscFunctionReturn(0);
}

/* The text of a frame is made in memory: what goes to the file does so in calls that are seen to
 * fail, and nothing is left to be written by closing it. */
static PetscErrorCode add_xyz(md_trajectory *t, const md_sample *sample, const md_atoms *whole)
{
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  PetscErrorCode ierr;
  int bad;

  PetscFunctionBegin;
  PetscCheck(stream, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a frame");
  ierr = md_atoms_write_xyz(whole, t->spec.species, sample->time, sample->potential, stream);
  bad = fclose(stream) != 0 || (!ierr && md_file_put(t->out, text, size) != 0) ? errno : 0;
  free(text);
  PetscCall(ierr);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be written: %s", t->path,
             strerror(bad));
  t->length += (int64_t)size;
  t->mark = t->length;
  PetscFunctionReturn(0);
}

static PetscErrorCode add_frame(md_trajectory *t, const md_sample *sample, const md_atoms *whole)
{
  const md_h5md_frame frame = {.step = sample->step,
                               .time = sample->time,
                               .energy = sample->potential,
                               .temperature = sample->temperature};

  PetscFunctionBegin;
  if (t->h5md) {
    PetscCall(md_h5md_add(t->h5md, &frame, whole));
  } else {
    PetscCall(add_xyz(t, sample, whole));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_trajectory_see(const md_sample *sample, void *trajectory)
{
  md_trajectory *t = (md_trajectory *)trajectory;
  md_atoms whole;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(md_run_gather(t->run, &whole));
  if (t->run->rank == 0) ierr = add_frame(t, sample, &whole);
  PetscCall(md_atoms_clear(&whole));
  PetscCall(agree(t, ierr));
  PetscFunctionReturn(0);
}

static PetscErrorCode flush_file(md_trajectory *t)
{
  PetscFunctionBegin;
  if (t->h5md) PetscCall(md_h5md_flush(t->h5md));
  PetscCheck(t->out < 0 || fsync(t->out) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be brought to the disk: %s", t->path, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode md_trajectory_flush(md_trajectory *t, int64_t *mark)
{
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  if (t->run->rank == 0) ierr = flush_file(t);
  PetscCall(agree(t, ierr));
  *mark = t->mark; /* rank 0's, which keeps the checkpoint */
  PetscFunctionReturn(0);
}

PetscErrorCode md_trajectory_close(md_trajectory **trajectory)
{
  md_trajectory *t = *trajectory;

  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(0);
  if (t->out >= 0) close(t->out);
  PetscCall(md_h5md_close(&t->h5md));
  PetscCall(PetscFree(t->path));
  PetscCall(PetscFree(*trajectory));
  PetscFunctionReturn(0);
}
