/* md/md_halo.c - offers, lists and the star forest between them
 *
 * Who talks to whom follows from the bricks alone and is symmetric: rank r offers atoms to rank q
 * when some image of r's brick lies within reach of q's.  Every rank knows all bricks, so nobody
 * has to be asked.  Offers arrive by ascending rank, and within a rank by atom and image: rows of
 * the list are the same whenever positions and ranks are.
 */
#include "md/md_halo.h"

#include "md/md_run_impl.h"

PetscErrorCode md__halo_create(MPI_Comm comm, md__halo **halo)
{
  md__halo *h;

  PetscFunctionBegin;
  PetscCall(PetscNew(halo));
  h = *halo;
  PetscCall(PetscCommDuplicate(comm, &h->comm, &h->tag));
  PetscCallMPI(MPI_Comm_rank(comm, &h->rank));
  PetscCallMPI(MPI_Comm_size(comm, &h->size));
  PetscCall(md__domain_create(h->size, &h->domain));
  PetscCall(PetscSFCreate(h->comm, &h->sf));
  PetscCall(PetscSFSetType(h->sf, PETSCSFBASIC));
  for (int w = 1; w < MD__WIDTHS; w++) {
    PetscCallMPI(MPI_Type_contiguous(w, MPIU_REAL, &h->width[w]));
    PetscCallMPI(MPI_Type_commit(&h->width[w]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__halo_destroy(md__halo **halo)
{
  md__halo *h = *halo;

  PetscFunctionBegin;
  if (!h) PetscFunctionReturn(0);
  PetscCall(PetscSFDestroy(&h->sf));
  PetscCall(PetscCommDestroy(&h->comm));
  for (int w = 1; w < MD__WIDTHS; w++) PetscCallMPI(MPI_Type_free(&h->width[w]));
  PetscCall(md__domain_clear(&h->domain));
  PetscCall(PetscFree(h->visitor));
  PetscCall(PetscFree(*halo));
  PetscFunctionReturn(0);
}

/* Shifts low[k]..high[k] that bring coordinates from..to within reach of brick r; false: none. */
static PetscBool shifts(const md__halo *halo, PetscMPIInt r, const PetscReal reach[3],
                        const PetscReal from[3], const PetscReal to[3], PetscInt range[3][2])
{
  for (int k = 0; k < 3; k++) {
    const PetscReal low = halo->domain.low[3 * (size_t)r + (size_t)k] - reach[k];
    const PetscReal high = halo->domain.high[3 * (size_t)r + (size_t)k] + reach[k];

    range[k][0] = (PetscInt)PetscCeilReal(low - to[k]);
    range[k][1] = (PetscInt)PetscFloorReal(high - from[k]);
    if (range[k][0] > range[k][1]) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

typedef struct {
  PetscInt n, capacity;
  md__visitor *v;
} offers;

static PetscErrorCode append(const md__visitor *v, offers *o)
{
  PetscFunctionBegin;
  if (o->n == o->capacity) {
    o->capacity = 2 * o->capacity + 256;
    PetscCall(PetscRealloc((size_t)o->capacity * sizeof(*o->v), &o->v));
  }
  o->v[o->n++] = *v;
  PetscFunctionReturn(0);
}

/* All images of atom i, at s and wrapped x, that brick r may see. */
static PetscErrorCode offer_atom(const md__halo_input *in, PetscInt i, const PetscReal x[3],
                                 PetscInt range[3][2], offers *out)
{
  md__visitor v = {.index = i, .id = in->id[i], .type = in->type[i]};

  PetscFunctionBegin;
  for (v.shift[0] = range[0][0]; v.shift[0] <= range[0][1]; v.shift[0]++) {
    for (v.shift[1] = range[1][0]; v.shift[1] <= range[1][1]; v.shift[1]++) {
      for (v.shift[2] = range[2][0]; v.shift[2] <= range[2][1]; v.shift[2]++) {
        for (int a = 0; a < 3; a++) {
          v.x[a] = x[a];
          for (int k = 0; k < 3; k++) v.x[a] += (PetscReal)v.shift[k] * in->h[k][a];
        }
        PetscCall(append(&v, out));
      }
    }
  }
  PetscFunctionReturn(0);
}

/* Where the atoms of this rank are. */
typedef struct {
  PetscReal *s;        /* [n,3] */
  PetscReal *x;        /* [n,3, Å] wrapped */
  PetscInt (*wrap)[3]; /* [n] */
  PetscReal reach[3];  /* of the list, in fractional coordinates */
} places;

static PetscErrorCode locate(const md__halo_input *in, places *p)
{
  PetscReal edge[3];

  PetscFunctionBegin;
  PetscCall(PetscMalloc3(3 * (size_t)in->n, &p->s, 3 * (size_t)in->n, &p->x, in->n, &p->wrap));
  mtp_neighbors_locate(in->n, in->x, in->h, p->s, p->wrap, edge);
  for (PetscInt i = 0; i < in->n; i++) {
    for (int a = 0; a < 3; a++) {
      p->x[3 * i + a] = in->x[3 * i + a];
      for (int k = 0; k < 3; k++) p->x[3 * i + a] += (PetscReal)p->wrap[i][k] * in->h[k][a];
    }
  }
  /* a little more, for rounding */
  for (int k = 0; k < 3; k++) p->reach[k] = (in->cutoff + in->skin) / edge[k] + 1e-9;
  PetscFunctionReturn(0);
}

/* What this rank offers to rank r. */
static PetscErrorCode offer(const md__halo *halo, const md__halo_input *in, const places *p,
                            PetscMPIInt r, offers *out)
{
  PetscInt range[3][2];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < in->n; i++) {
    const PetscReal *s = p->s + 3 * i;

    if (!shifts(halo, r, p->reach, s, s, range)) continue;
    PetscCall(offer_atom(in, i, p->x + 3 * i, range, out));
  }
  PetscFunctionReturn(0);
}

/* Other ranks whose bricks this rank's brick can reach, ascending. */
static PetscMPIInt find_peers(const md__halo *halo, const places *p, PetscMPIInt peer[])
{
  const PetscReal *low = halo->domain.low + 3 * (size_t)halo->rank;
  const PetscReal *high = halo->domain.high + 3 * (size_t)halo->rank;
  PetscReal reach[3];
  PetscInt range[3][2];
  PetscMPIInt n = 0;

  /* more than that of atoms, so that it is symmetric also where two ranks round apart */
  for (int k = 0; k < 3; k++) reach[k] = p->reach[k] + 1e-9;
  for (PetscMPIInt r = 0; r < halo->size; r++) {
    if (r != halo->rank && shifts(halo, r, reach, low, high, range)) peer[n++] = r;
  }
  return n;
}

static PetscErrorCode wait_all(PetscMPIInt n, MPI_Request request[])
{
  MPI_Status *status;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &status));
  PetscCallMPI(MPI_Waitall(n, request, status));
  PetscCall(PetscFree(status));
  PetscFunctionReturn(0);
}

/* Counts to and from every peer. */
static PetscErrorCode exchange_counts(const md__halo *halo, PetscMPIInt npeer,
                                      const PetscMPIInt peer[], const offers out[],
                                      PetscInt count[])
{
  MPI_Request *request;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(2 * (size_t)npeer, &request));
  for (PetscMPIInt p = 0; p < npeer; p++) {
    PetscCallMPI(
        MPI_Irecv(&count[p], 1, MPIU_INT, peer[p], halo->tag, halo->comm, &request[2 * p]));
    PetscCallMPI(
        MPI_Isend(&out[p].n, 1, MPIU_INT, peer[p], halo->tag, halo->comm, &request[2 * p + 1]));
  }
  PetscCall(wait_all(2 * npeer, request));
  PetscCall(PetscFree(request));
  PetscFunctionReturn(0);
}

/* All offers to this rank, [ncome]; visitors of peer p are from[p]..from[p+1]-1. */
static PetscErrorCode exchange_offers(const md__halo *halo, PetscMPIInt npeer,
                                      const PetscMPIInt peer[], const offers out[], PetscInt from[],
                                      md__visitor **come)
{
  const size_t size = sizeof(md__visitor);
  MPI_Request *request;

  PetscFunctionBegin;
  from[0] = 0;
  PetscCall(exchange_counts(halo, npeer, peer, out, from + 1));
  for (PetscMPIInt p = 0; p < npeer; p++) from[p + 1] += from[p];
  PetscCall(PetscMalloc1(from[npeer], come));
  PetscCall(PetscMalloc1(2 * (size_t)npeer, &request));
  for (PetscMPIInt p = 0; p < npeer; p++) {
    PetscMPIInt nin, nout;

    PetscCall(PetscMPIIntCast((PetscInt)(size * (size_t)(from[p + 1] - from[p])), &nin));
    PetscCall(PetscMPIIntCast((PetscInt)(size * (size_t)out[p].n), &nout));
    PetscCallMPI(
        MPI_Irecv(*come + from[p], nin, MPI_BYTE, peer[p], halo->tag, halo->comm, &request[2 * p]));
    PetscCallMPI(
        MPI_Isend(out[p].v, nout, MPI_BYTE, peer[p], halo->tag, halo->comm, &request[2 * p + 1]));
  }
  PetscCall(wait_all(2 * npeer, request));
  PetscCall(PetscFree(request));
  PetscFunctionReturn(0);
}

/* The list of this rank's atoms among the visitors. */
static PetscErrorCode build_among(const md__halo_input *in, PetscInt ncome,
                                  const md__visitor come[], mtp_neighbors *nb)
{
  mtp_neigh_others others = {.n = ncome};
  PetscReal *x;
  PetscInt *type;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(3 * (size_t)ncome, &x, ncome, &type));
  for (PetscInt o = 0; o < ncome; o++) {
    type[o] = come[o].type;
    for (int a = 0; a < 3; a++) x[3 * o + a] = come[o].x[a];
  }
  others.x = x;
  others.type = type;
  PetscCall(
      mtp_neighbors_build_among(in->n, in->x, in->type, in->h, in->cutoff, in->skin, &others, nb));
  PetscCall(PetscFree2(x, type));
  PetscFunctionReturn(0);
}

/* The star forest of the visitors that stay. */
static PetscErrorCode set_forest(md__halo *halo, PetscMPIInt npeer, const PetscMPIInt peer[],
                                 const PetscInt from[], const md__visitor come[],
                                 const mtp_neighbors *nb)
{
  PetscSFNode *leaf;
  PetscMPIInt p = 0;

  PetscFunctionBegin;
  halo->nremote = nb->nremote;
  PetscCall(PetscFree(halo->visitor));
  PetscCall(PetscMalloc1(nb->nremote, &halo->visitor));
  PetscCall(PetscMalloc1(nb->nremote, &leaf));
  for (PetscInt g = 0; g < nb->nremote; g++) {
    while (p < npeer - 1 && nb->remote[g] >= from[p + 1]) p++;
    halo->visitor[g] = come[nb->remote[g]];
    leaf[g] = (PetscSFNode){.rank = peer[p], .index = halo->visitor[g].index};
  }
  PetscCall(PetscSFReset(halo->sf));
  PetscCall(PetscSFSetGraph(halo->sf, nb->nlocal, nb->nremote, NULL, PETSC_COPY_VALUES, leaf,
                            PETSC_OWN_POINTER));
  PetscCall(PetscSFSetUp(halo->sf));
  PetscFunctionReturn(0);
}

PetscErrorCode md__halo_build(md__halo *halo, const md__halo_input *in, mtp_neighbors *nb)
{
  PetscMPIInt npeer, *peer;
  PetscInt *from;
  offers *out;
  places here;
  md__visitor *come;

  PetscFunctionBegin;
  PetscCall(locate(in, &here));
  PetscCall(PetscMalloc3(halo->size, &peer, (size_t)halo->size + 1, &from, halo->size, &out));
  npeer = find_peers(halo, &here, peer);
  PetscCall(PetscArrayzero(out, halo->size));
  for (PetscMPIInt p = 0; p < npeer; p++) PetscCall(offer(halo, in, &here, peer[p], &out[p]));
  PetscCall(exchange_offers(halo, npeer, peer, out, from, &come));
  for (PetscMPIInt p = 0; p < npeer; p++) PetscCall(PetscFree(out[p].v));
  PetscCall(build_among(in, from[npeer], come, nb));
  PetscCall(set_forest(halo, npeer, peer, from, come, nb));
  PetscCall(PetscFree(come));
  PetscCall(PetscFree3(peer, from, out));
  PetscCall(PetscFree3(here.s, here.x, here.wrap));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_width(PetscInt width)
{
  PetscFunctionBegin;
  PetscCheck(width >= 1 && width < MD__WIDTHS, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " numbers an atom, wanted 1..%d", width, MD__WIDTHS - 1);
  PetscFunctionReturn(0);
}

PetscErrorCode md__halo_spread(const md__halo *halo, const mtp_neighbors *nb, PetscInt width,
                               PetscReal a[])
{
  PetscReal *leaf = a + (size_t)width * (size_t)(nb->nlocal + nb->nghost);
  const md__events *event;

  PetscFunctionBegin;
  PetscCall(check_width(width));
  PetscCall(md__events_get(&event));
  PetscCall(PetscLogEventBegin(event->talk, NULL, NULL, NULL, NULL));
  PetscCall(PetscSFBcastBegin(halo->sf, halo->width[width], a, leaf, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(halo->sf, halo->width[width], a, leaf, MPI_REPLACE));
  PetscCall(PetscLogEventEnd(event->talk, NULL, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode md__halo_fold(const md__halo *halo, const mtp_neighbors *nb, PetscInt width,
                             PetscReal a[])
{
  const PetscReal *leaf = a + (size_t)width * (size_t)(nb->nlocal + nb->nghost);
  const md__events *event;

  PetscFunctionBegin;
  PetscCall(check_width(width));
  PetscCall(md__events_get(&event));
  PetscCall(PetscLogEventBegin(event->talk, NULL, NULL, NULL, NULL));
  PetscCall(PetscSFReduceBegin(halo->sf, halo->width[width], leaf, a, MPI_SUM));
  PetscCall(PetscSFReduceEnd(halo->sf, halo->width[width], leaf, a, MPI_SUM));
  PetscCall(PetscLogEventEnd(event->talk, NULL, NULL, NULL, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode md__halo_update(const md__halo *halo, mtp_neighbors *nb)
{
  PetscReal *x = nb->x + 3 * (size_t)(nb->nlocal + nb->nghost);

  PetscFunctionBegin;
  PetscCall(md__halo_spread(halo, nb, 3, nb->x));
  for (PetscInt g = 0; g < nb->nremote; g++) {
    const PetscInt *shift = halo->visitor[g].shift;

    for (int a = 0; a < 3; a++) {
      for (int k = 0; k < 3; k++) x[3 * g + a] += (PetscReal)shift[k] * nb->h[k][a];
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md__spread(const md_run *run, PetscInt width, PetscReal a[])
{
  const mtp_neighbors *nb = &run->nb;

  PetscFunctionBegin;
  for (PetscInt g = 0; g < nb->nghost; g++) {
    const PetscReal *from = a + (size_t)width * (size_t)nb->parent[g];
    PetscReal *to = a + (size_t)width * (size_t)(nb->nlocal + g);

    for (PetscInt k = 0; k < width; k++) to[k] = from[k];
  }
  if (run->halo) PetscCall(md__halo_spread(run->halo, nb, width, a));
  PetscFunctionReturn(0);
}

PetscErrorCode md__fold(const md_run *run, PetscInt width, PetscReal a[])
{
  PetscFunctionBegin;
  mtp_neighbors_fold(&run->nb, width, a);
  if (run->halo) PetscCall(md__halo_fold(run->halo, &run->nb, width, a));
  PetscFunctionReturn(0);
}
