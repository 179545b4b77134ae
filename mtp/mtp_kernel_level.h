/* mtp/mtp_kernel_level.h - one standard level for one instruction set
 *
 * The build writes a file for each level that only defines MTP_LEVEL_TOP (the rank of
 * mu = 0), MTP_LEVEL_NAME and the instruction set, and includes this one and the graph that
 * mtp_generate.c wrote.  With the ranks constant the loops over nodes unroll.
 */
#include "mtp/mtp_kernel_atom.h"

#include "mtp/mtp_kernel_members.h"

/* The generated graph: graph_forward, graph_leaf, graph_backward, GRAPH_SIGNATURE.  It speaks of
   vectors V[k] = v + k LANES. */
#define BLOCK static __attribute__((noinline)) void
#include MTP_LEVEL_GRAPH

enum { LEVEL_K = MTP_LEVEL_TOP / 2 + 1 + MTP_LEVEL_TOP % 2 };
_Static_assert((int)LEVEL_K <= (int)MAX_K, "the kernels do not know so many radial functions");

static void level_forward(const mtp_kernel_job *job, PetscInt l, batch *b)
{
  forward_atom(LEVEL_K, MTP_LEVEL_TOP, job, l, b);
}

static void level_backward(const mtp_kernel_job *job, PetscInt l, PetscInt i, batch *b)
{
  backward_atom(LEVEL_K, MTP_LEVEL_TOP, job, l, i, b);
}

static void level_members_forward(const mtp_kernel_job *job, batch *b, const mtp_kernel_members *s)
{
  members_forward(LEVEL_K, MTP_LEVEL_TOP, job->plan[0], b, s);
}

static void level_members_backward(const mtp_kernel_job *job, PetscInt i, batch *b,
                                   const mtp_kernel_members *s)
{
  members_backward(LEVEL_K, MTP_LEVEL_TOP, job, i, b, s);
}

extern const mtp_generated MTP_LEVEL_NAME;
const mtp_generated MTP_LEVEL_NAME = {GRAPH_SIGNATURE,
                                      {level_forward, level_backward},
                                      {level_members_forward, level_members_backward},
                                      graph_forward,
                                      graph_leaf,
                                      graph_backward};
