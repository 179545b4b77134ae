/* queue/queue_index.c - hash table from (key, replica, stage, origin) to a number
 *
 * Open addressing with linear probing, never more than half full, so that a look-up of a name that
 * is not there ends soon.  Entries are not removed.  Keys are hashes already, but the caller's
 * word for that is not taken: all bytes are mixed (FNV-1a, 64 bits).
 */
#include "queue/queue_impl.h"

#include <string.h>

typedef struct {
  queue__identity identity;
  PetscInt value;
} entry;

/* Slots are many and mostly free, so they hold numbers of entries, which stand close together. */
struct queue__index {
  size_t n, room;  /* entries, and how many there is memory for */
  size_t capacity; /* slots, a power of two */
  entry *entry;    /* [room] */
  int32_t *slot;   /* [capacity] number of an entry; -1: free */
};

static uint64_t mix(uint64_t hash, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) {
    hash = (hash ^ ((value >> (8 * i)) & 0xff)) * UINT64_C(0x100000001b3);
  }
  return hash;
}

static uint64_t hash_identity(const queue__identity *identity)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (int i = 0; i < QUEUE_KEY_SIZE; i++) hash = mix(hash, identity->key.byte[i], 1);
  hash = mix(hash, (uint64_t)identity->replica, 4);
  hash = mix(hash, (uint64_t)identity->stage, 4);
  return mix(hash, (uint64_t)identity->origin, 8);
}

static PetscBool same(const queue__identity *a, const queue__identity *b)
{
  return (PetscBool)(a->replica == b->replica && a->stage == b->stage && a->origin == b->origin &&
                     !memcmp(a->key.byte, b->key.byte, QUEUE_KEY_SIZE));
}

/* The slot of this identity, or the free one where it belongs. */
static int32_t *probe(const queue__index *index, const queue__identity *identity)
{
  size_t i = (size_t)hash_identity(identity) & (index->capacity - 1);

  while (index->slot[i] >= 0 && !same(&index->entry[index->slot[i]].identity, identity)) {
    i = (i + 1) & (index->capacity - 1);
  }
  return &index->slot[i];
}

static PetscErrorCode grow_slots(queue__index *index, size_t capacity)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(index->slot));
  PetscCall(PetscMalloc1(capacity, &index->slot));
  for (size_t i = 0; i < capacity; i++) index->slot[i] = -1;
  index->capacity = capacity;
  for (size_t i = 0; i < index->n; i++) *probe(index, &index->entry[i].identity) = (int32_t)i;
  PetscFunctionReturn(0);
}

static PetscErrorCode grow_entries(queue__index *index, size_t room)
{
  entry *more;

  PetscFunctionBegin;
  PetscCheck(room <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%zu names are more than an index can hold", room);
  PetscCall(PetscMalloc1(room, &more));
  if (index->n) memcpy(more, index->entry, index->n * sizeof(*more));
  PetscCall(PetscFree(index->entry));
  index->entry = more;
  index->room = room;
  PetscFunctionReturn(0);
}

PetscErrorCode queue__index_create(PetscInt expected, queue__index **index)
{
  size_t capacity = 16;

  PetscFunctionBegin;
  while (capacity < 2 * (size_t)expected + 2) capacity *= 2;
  PetscCall(PetscNew(index));
  PetscCall(grow_entries(*index, (size_t)PetscMax(expected, 8)));
  PetscCall(grow_slots(*index, capacity));
  PetscFunctionReturn(0);
}

PetscErrorCode queue__index_destroy(queue__index **index)
{
  PetscFunctionBegin;
  if (!*index) PetscFunctionReturn(0);
  PetscCall(PetscFree((*index)->slot));
  PetscCall(PetscFree((*index)->entry));
  PetscCall(PetscFree(*index));
  PetscFunctionReturn(0);
}

PetscInt queue__index_find(const queue__index *index, const queue__identity *identity)
{
  const int32_t found = *probe(index, identity);

  return found < 0 ? -1 : index->entry[found].value;
}

PetscErrorCode queue__index_insert(queue__index *index, const queue__identity *identity,
                                   PetscInt value)
{
  int32_t *slot;

  PetscFunctionBegin;
  if (index->n == index->room) PetscCall(grow_entries(index, 2 * index->room));
  if (2 * (index->n + 1) > index->capacity) PetscCall(grow_slots(index, 2 * index->capacity));
  slot = probe(index, identity);
  PetscCheck(*slot < 0 && value >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Entry %" PetscInt_FMT " is in the index already",
             *slot < 0 ? value : index->entry[*slot].value);
  index->entry[index->n] = (entry){.identity = *identity, .value = value};
  *slot = (int32_t)index->n++;
  PetscFunctionReturn(0);
}
