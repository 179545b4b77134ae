/* screening/screen_table.c - the values of all points on every rank, and what they say together */
#include "screening/screen_table.h"

#include <string.h>

/* Gathering ----------------------------------------------------------------------------------- */

enum { EXCHANGE = 1 << 28 }; /* bytes at once: MPI counts them in an int */

/* What other ranks learn of a point. */
typedef struct {
  PetscReal box;
  PetscInt state, reason;
  char detail[sizeof(((screen_result *)NULL)->detail)];
} shared_head;

/* Bytes of a point of n values. */
static size_t packed_size(PetscInt n)
{
  return sizeof(shared_head) + (size_t)n * (sizeof(prop_value) + 3 * sizeof(PetscReal));
}

static PetscErrorCode put_reals(PetscInt n, const PetscReal from[], char **at)
{
  PetscFunctionBegin;
  PetscCall(PetscMemcpy(*at, from, (size_t)n * sizeof(PetscReal)));
  *at += (size_t)n * sizeof(PetscReal);
  PetscFunctionReturn(0);
}

static PetscErrorCode get_reals(PetscInt n, const char **at, PetscReal to[])
{
  PetscFunctionBegin;
  PetscCall(PetscMemcpy(to, *at, (size_t)n * sizeof(PetscReal)));
  *at += (size_t)n * sizeof(PetscReal);
  PetscFunctionReturn(0);
}

/* Lays a point into its place of the exchanged bytes, or takes it from there. */
static PetscErrorCode pack(const screen_result *r, PetscInt n, char *at)
{
  shared_head head = {.box = r->box, .state = (PetscInt)r->state, .reason = r->reason};

  PetscFunctionBegin;
  PetscCall(PetscMemcpy(head.detail, r->detail, sizeof(head.detail)));
  PetscCall(PetscMemcpy(at, &head, sizeof(head)));
  at += sizeof(head);
  PetscCall(PetscMemcpy(at, r->value, (size_t)n * sizeof(prop_value)));
  at += (size_t)n * sizeof(prop_value);
  PetscCall(put_reals(n, r->truncation, &at));
  PetscCall(put_reals(n, r->model_error, &at));
  PetscCall(put_reals(n, r->model_error95, &at));
  PetscFunctionReturn(0);
}

static PetscErrorCode unpack(const char *at, PetscInt n, screen_result *r)
{
  shared_head head = {.state = 0};

  PetscFunctionBegin;
  PetscCall(PetscMemcpy(&head, at, sizeof(head)));
  r->box = head.box;
  r->state = (screen_point_state)head.state;
  r->reason = head.reason;
  PetscCall(PetscMemcpy(r->detail, head.detail, sizeof(head.detail)));
  at += sizeof(head);
  PetscCall(PetscMemcpy(r->value, at, (size_t)n * sizeof(prop_value)));
  at += (size_t)n * sizeof(prop_value);
  PetscCall(get_reals(n, &at, r->truncation));
  PetscCall(get_reals(n, &at, r->model_error));
  PetscCall(get_reals(n, &at, r->model_error95));
  PetscFunctionReturn(0);
}

/* Every byte is given by one rank and is zero on the others: a bitwise or keeps it as it is. */
static PetscErrorCode exchange(MPI_Comm comm, PetscInt npoint, size_t size, char bytes[])
{
  const PetscInt most = (PetscInt)PetscMax(1, EXCHANGE / size);

  PetscFunctionBegin;
  for (PetscInt p = 0; p < npoint; p += most) {
    const size_t n = (size_t)PetscMin(most, npoint - p) * size;

    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, bytes + (size_t)p * size, (PetscMPIInt)n, MPI_BYTE,
                               MPI_BOR, comm));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_table_gather(MPI_Comm comm, const screen_campaign *campaign,
                                   const screen_grid *grid, PetscInt nmine, const PetscInt mine[],
                                   const screen_result result[], screen_result **all)
{
  const PetscInt n = screen_result_count(campaign->nspecies);
  const size_t size = packed_size(n);
  char *bytes;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)grid->npoint, all));
  PetscCall(PetscCalloc1((size_t)grid->npoint * size, &bytes));
  for (PetscInt k = 0; k < nmine; k++)
    PetscCall(pack(&result[k], n, bytes + (size_t)mine[k] * size));
  PetscCall(exchange(comm, grid->npoint, size, bytes));
  for (PetscInt p = 0; p < grid->npoint; p++) {
    PetscCall(screen_result_create(campaign->nspecies, &(*all)[p]));
    PetscCall(unpack(bytes + (size_t)p * size, n, &(*all)[p]));
  }
  PetscCall(PetscFree(bytes));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_table_free(PetscInt npoint, screen_result **all)
{
  PetscFunctionBegin;
  for (PetscInt p = 0; *all && p < npoint; p++) PetscCall(screen_result_clear(&(*all)[p]));
  PetscCall(PetscFree(*all));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_table_send(MPI_Comm comm, PetscMPIInt to, PetscMPIInt tag,
                                 const screen_grid *grid, const screen_result all[])
{
  const PetscInt n = grid->npoint > 0 ? screen_result_count(all[0].nspecies) : 0;
  char *bytes;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(packed_size(n), &bytes));
  for (PetscInt p = 0; p < grid->npoint; p++) {
    PetscCall(pack(&all[p], n, bytes));
    PetscCallMPI(MPI_Send(bytes, (PetscMPIInt)packed_size(n), MPI_BYTE, to, tag, comm));
  }
  PetscCall(PetscFree(bytes));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_table_receive(MPI_Comm comm, PetscMPIInt from, PetscMPIInt tag,
                                    const screen_campaign *campaign, const screen_grid *grid,
                                    screen_result **all)
{
  const PetscInt n = screen_result_count(campaign->nspecies);
  char *bytes;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)grid->npoint, all));
  PetscCall(PetscMalloc1(packed_size(n), &bytes));
  for (PetscInt p = 0; p < grid->npoint; p++) {
    PetscCallMPI(
        MPI_Recv(bytes, (PetscMPIInt)packed_size(n), MPI_BYTE, from, tag, comm, MPI_STATUS_IGNORE));
    PetscCall(screen_result_create(campaign->nspecies, &(*all)[p]));
    PetscCall(unpack(bytes, n, &(*all)[p]));
  }
  PetscCall(PetscFree(bytes));
  PetscFunctionReturn(0);
}

/* Series -------------------------------------------------------------------------------------- */

screen_series screen_series_of(const screen_grid *grid)
{
  screen_series s = {.nseries = grid->npoint, .ntemperature = 1, .axis = -1, .stride = 1};

  for (PetscInt a = grid->naxis; a-- > 0;) {
    if (strcmp(grid->axis[a].name, "temperature") == 0) {
      s.axis = a;
      s.ntemperature = grid->axis[a].n;
      s.nseries = grid->npoint / s.ntemperature;
      break;
    }
    s.stride *= grid->axis[a].n;
  }
  return s;
}

PetscInt screen_series_point(const screen_series *series, PetscInt s, PetscInt t)
{
  const PetscInt outer = s / series->stride, inner = s % series->stride;

  return (outer * series->ntemperature + t) * series->stride + inner;
}
