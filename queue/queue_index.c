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
  PetscInt value; /* -1: free */
} entry;

struct queue__index {
  size_t n, capacity; /* a power of two */
  entry *slot;
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
static entry *probe(const queue__index *index, const queue__identity *identity)
{
  size_t i = (size_t)hash_identity(identity) & (index->capacity - 1);

  while (index->slot[i].value >= 0 && !same(&index->slot[i].identity, identity)) {
    i = (i + 1) & (index->capacity - 1);
  }
  return &index->slot[i];
}

static PetscErrorCode grow(queue__index *index, size_t capacity)
{
  entry *old = index->slot, *slot;
  const size_t n = index->capacity;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(capacity, &slot));
  for (size_t i = 0; i < capacity; i++) slot[i].value = -1;
  index->slot = slot;
  index->capacity = capacity;
  for (size_t i = 0; i < n; i++) {
    if (old[i].value >= 0) *probe(index, &old[i].identity) = old[i];
  }
  PetscCall(PetscFree(old));
  PetscFunctionReturn(0);
}

PetscErrorCode queue__index_create(PetscInt expected, queue__index **index)
{
  size_t capacity = 16;

  PetscFunctionBegin;
  while (capacity < 2 * (size_t)expected + 2) capacity *= 2;
  PetscCall(PetscNew(index));
  PetscCall(grow(*index, capacity));
  PetscFunctionReturn(0);
}

PetscErrorCode queue__index_destroy(queue__index **index)
{
  PetscFunctionBegin;
  if (!*index) PetscFunctionReturn(0);
  PetscCall(PetscFree((*index)->slot));
  PetscCall(PetscFree(*index));
  PetscFunctionReturn(0);
}

PetscInt queue__index_find(const queue__index *index, const queue__identity *identity)
{
  return probe(index, identity)->value;
}

PetscErrorCode queue__index_insert(queue__index *index, const queue__identity *identity,
                                   PetscInt value)
{
  entry *slot;

  PetscFunctionBegin;
  if (2 * (index->n + 1) > index->capacity) PetscCall(grow(index, 2 * index->capacity));
  slot = probe(index, identity);
  PetscCheck(slot->value < 0 && value >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Entry %" PetscInt_FMT " is in the index already", slot->value);
  *slot = (entry){.identity = *identity, .value = value};
  index->n++;
  PetscFunctionReturn(0);
}
