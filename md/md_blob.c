/* md/md_blob.c - bytes in, the same bytes out; the format is described in the header */
#include "md/md_blob.h"

#include <ctype.h>
#include <string.h>
#include <zlib.h>

enum { TAG_NAME = 8, TAG_SIZE = TAG_NAME + sizeof(uint32_t), FIRST_CAPACITY = 256 };
/* Where things stand in a sealed block. */
enum { CRC_AT = TAG_SIZE, LENGTH_AT = CRC_AT + 4, CONTENT_AT = LENGTH_AT + 8, SEAL_VERSION = 1 };

static const char seal_name[] = "lqsealed";

/* Makes room for `more` bytes; doubling keeps the cost of many small puts linear. */
static PetscErrorCode reserve(md_blob *blob, size_t more)
{
  size_t capacity = blob->capacity > 0 ? blob->capacity : FIRST_CAPACITY;

  PetscFunctionBegin;
  PetscCheck(more <= SIZE_MAX / 4 - blob->size, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "A saved state of %zu bytes cannot take %zu more", blob->size, more);
  while (capacity < blob->size + more) capacity *= 2;
  if (capacity > blob->capacity) {
    PetscCall(PetscRealloc(capacity, &blob->data));
    blob->capacity = capacity;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode md_blob_put(md_blob *blob, const void *data, size_t size)
{
  PetscFunctionBegin;
  PetscCheck(!blob->borrowed, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "A saved state that is a view of borrowed memory cannot be written to");
  if (size == 0) PetscFunctionReturn(0);
  PetscCall(reserve(blob, size));
  memcpy(blob->data + blob->size, data, size);
  blob->size += size;
  PetscFunctionReturn(0);
}

PetscErrorCode md_blob_get(md_blob *blob, void *data, size_t size)
{
  const size_t left = blob->size - blob->read;

  PetscFunctionBegin;
  PetscCheck(size <= left, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state ends too early: %zu bytes wanted at byte %zu, %zu left", size, blob->read,
             left);
  if (size == 0) PetscFunctionReturn(0);
  memcpy(data, blob->data + blob->read, size);
  blob->read += size;
  PetscFunctionReturn(0);
}

static void tag_fill(unsigned char tag[TAG_SIZE], const char *name, uint32_t version)
{
  memset(tag, 0, TAG_NAME);
  for (size_t i = 0; i < TAG_NAME && name[i]; i++) tag[i] = (unsigned char)name[i];
  memcpy(tag + TAG_NAME, &version, sizeof(version));
}

/* "md_run 3": name, with a question mark for what cannot be printed, and version */
static void tag_text(const unsigned char tag[TAG_SIZE], char *text, size_t size)
{
  char name[TAG_NAME + 1] = "";
  uint32_t version;

  for (size_t i = 0; i < TAG_NAME && tag[i]; i++) name[i] = isprint(tag[i]) ? (char)tag[i] : '?';
  memcpy(&version, tag + TAG_NAME, sizeof(version));
  snprintf(text, size, "\"%s\" version %lu", name, (unsigned long)version);
}

PetscErrorCode md_blob_put_tag(md_blob *blob, const char *name, uint32_t version)
{
  unsigned char tag[TAG_SIZE];

  PetscFunctionBegin;
  tag_fill(tag, name, version);
  PetscCall(md_blob_put(blob, tag, sizeof(tag)));
  PetscFunctionReturn(0);
}

PetscErrorCode md_blob_expect_tag(md_blob *blob, const char *name, uint32_t version)
{
  const size_t at = blob->read, left = blob->size - blob->read;
  unsigned char want[TAG_SIZE], got[TAG_SIZE];
  char want_text[48], got_text[48];

  PetscFunctionBegin;
  tag_fill(want, name, version);
  tag_text(want, want_text, sizeof(want_text));
  PetscCheck(left >= TAG_SIZE, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state ends too early: %s wanted at byte %zu, %zu bytes left", want_text, at,
             left);
  PetscCall(md_blob_get(blob, got, sizeof(got)));
  if (memcmp(got, want, TAG_SIZE) == 0) PetscFunctionReturn(0);
  blob->read = at;
  tag_text(got, got_text, sizeof(got_text));
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "Saved state has %s at byte %zu, wanted %s",
          got_text, at, want_text);
}

void md_blob_view(md_blob *blob, const void *data, size_t size)
{
  union { /* the only way past const without a cast that hides it; `borrowed` keeps it read-only */
    const void *in;
    unsigned char *out;
  } memory = {.in = data};

  *blob = (md_blob){.data = memory.out, .size = size, .borrowed = PETSC_TRUE};
}

PetscErrorCode md_blob_clear(md_blob *blob)
{
  PetscFunctionBegin;
  if (!blob->borrowed) PetscCall(PetscFree(blob->data));
  *blob = (md_blob){0};
  PetscFunctionReturn(0);
}

/* CRC-32 of a sealed block with content of `length` bytes, but for the place of the sum itself. */
static uint32_t block_crc(const unsigned char *block, size_t length)
{
  const uLong tag = crc32_z(crc32_z(0, NULL, 0), block, TAG_SIZE);

  return (uint32_t)crc32_z(tag, block + LENGTH_AT, length + (CONTENT_AT - LENGTH_AT));
}

PetscErrorCode md_blob_seal_begin(md_blob *blob, size_t *at)
{
  const unsigned char room[CONTENT_AT - TAG_SIZE] = {0};

  PetscFunctionBegin;
  *at = blob->size;
  PetscCall(md_blob_put_tag(blob, seal_name, SEAL_VERSION));
  PetscCall(md_blob_put(blob, room, sizeof(room)));
  PetscFunctionReturn(0);
}

PetscErrorCode md_blob_seal_end(md_blob *blob, size_t at)
{
  uint64_t length;
  uint32_t crc;

  PetscFunctionBegin;
  PetscCheck(!blob->borrowed && at <= blob->size && blob->size - at >= CONTENT_AT, PETSC_COMM_SELF,
             PETSC_ERR_ARG_WRONGSTATE, "No sealed block begins at byte %zu of %zu", at, blob->size);
  length = blob->size - at - CONTENT_AT;
  memcpy(blob->data + at + LENGTH_AT, &length, sizeof(length));
  crc = block_crc(blob->data + at, (size_t)length);
  memcpy(blob->data + at + CRC_AT, &crc, sizeof(crc));
  PetscFunctionReturn(0);
}

PetscErrorCode md_blob_open(md_blob *blob, md_blob *inside)
{
  const size_t at = blob->read, left = blob->size - at;
  md_blob head = {0};
  uint64_t length;
  uint32_t crc;

  PetscFunctionBegin;
  if (left > 0) md_blob_view(&head, blob->data + at, left);
  PetscCall(md_blob_expect_tag(&head, seal_name, SEAL_VERSION));
  PetscCall(md_blob_get(&head, &crc, sizeof(crc)));
  PetscCall(md_blob_get(&head, &length, sizeof(length)));
  PetscCheck(length <= left - CONTENT_AT, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved state is cut short: %llu bytes wanted at byte %zu, %zu left",
             (unsigned long long)length, at + CONTENT_AT, left - CONTENT_AT);
  PetscCheck(crc == block_crc(blob->data + at, (size_t)length), PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved state is damaged: the checksum of the %llu bytes at byte %zu differs",
             (unsigned long long)length, at + CONTENT_AT);
  md_blob_view(inside, blob->data + at + CONTENT_AT, (size_t)length);
  blob->read = at + CONTENT_AT + (size_t)length;
  PetscFunctionReturn(0);
}
