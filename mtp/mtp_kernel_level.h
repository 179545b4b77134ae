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

/* With 1, 2 and 4 lanes for each member */
#define MEMBER_PASSES(S)                                                                           \
  static void level_forward_##S(const mtp_kernel_job *job, PetscInt q, batch *b,                   \
                                const mtp_kernel_members *s)                                       \
  {                                                                                                \
    members_forward(LEVEL_K, S, MTP_LEVEL_TOP, job->plan[0], q, b, s);                             \
  }                                                                                                \
  static void level_backward_##S(const mtp_kernel_job *job, PetscInt q, PetscInt i, batch *b,      \
                                 const mtp_kernel_members *s)                                      \
  {                                                                                                \
    members_backward(LEVEL_K, S, MTP_LEVEL_TOP, job, q, i, b, s);                                  \
  }
MEMBER_PASSES(1)
#if defined(MTP_SIMD_AVX512) || defined(MTP_SIMD_AVX2)
MEMBER_PASSES(2)
#define PASSES_OF_TWO                                                                              \
  {                                                                                                \
    level_forward_2, level_backward_2                                                              \
  }
#else
#define PASSES_OF_TWO                                                                              \
  {                                                                                                \
    NULL, NULL                                                                                     \
  }
#endif
#if defined(MTP_SIMD_AVX512)
MEMBER_PASSES(4)
#define PASSES_OF_FOUR                                                                             \
  {                                                                                                \
    level_forward_4, level_backward_4                                                              \
  }
#else
#define PASSES_OF_FOUR                                                                             \
  {                                                                                                \
    NULL, NULL                                                                                     \
  }
#endif

extern const mtp_generated MTP_LEVEL_NAME;
const mtp_generated MTP_LEVEL_NAME = {
    GRAPH_SIGNATURE,
    {level_forward, level_backward},
    {{level_forward_1, level_backward_1}, PASSES_OF_TWO, PASSES_OF_FOUR},
    graph_forward,
    graph_leaf,
    graph_backward};
