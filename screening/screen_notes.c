/* screening/screen_notes.c - the list and its order; see the header */
#include "screening/screen_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTE_MAX = 1024, FIRST_CAPACITY = 16 };

static PetscErrorCode make_room(screen_notes *notes)
{
  const PetscInt capacity = notes->capacity ? 2 * notes->capacity : FIRST_CAPACITY;
  screen_note *larger;

  PetscFunctionBegin;
  if (notes->n < notes->capacity) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(capacity, &larger));
  PetscCall(PetscArraycpy(larger, notes->note, notes->n));
  PetscCall(PetscFree(notes->note));
  notes->note = larger;
  notes->capacity = capacity;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_notes_add(screen_notes *notes, PetscInt line, PetscInt column,
                                const char *path, const char *format, ...)
{
  char text[NOTE_MAX], shown[2 * NOTE_MAX];
  va_list list;

  PetscFunctionBegin;
  PetscCall(make_room(notes));
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  if (path && path[0])
    snprintf(shown, sizeof(shown), "%.500s: %s", path, text);
  else
    snprintf(shown, sizeof(shown), "%s", text);
  notes->note[notes->n] = (screen_note){.line = line, .column = column};
  PetscCall(PetscStrallocpy(shown, &notes->note[notes->n].text));
  notes->n++;
  PetscFunctionReturn(0);
}

typedef struct {
  const screen_note *note;
  PetscInt index;
} place;

static int compare_places(const void *a, const void *b)
{
  const place *p = a, *q = b;

  if (p->note->line != q->note->line) return p->note->line < q->note->line ? -1 : 1;
  if (p->note->column != q->note->column) return p->note->column < q->note->column ? -1 : 1;
  return p->index < q->index ? -1 : 1;
}

PetscErrorCode screen_notes_report(const screen_notes *notes, mtp_diag *diag)
{
  place *order;

  PetscFunctionBegin;
  if (notes->n == 0) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(notes->n, &order));
  for (PetscInt i = 0; i < notes->n; i++) order[i] = (place){&notes->note[i], i};
  qsort(order, (size_t)notes->n, sizeof(order[0]), compare_places);
  for (PetscInt i = 0; i < notes->n; i++) {
    const screen_note *note = order[i].note;

    PetscCall(mtp_diag_add(diag, notes->file, note->line, note->column, "%s", note->text));
  }
  PetscCall(PetscFree(order));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_notes_clear(screen_notes *notes)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < notes->n; i++) PetscCall(PetscFree(notes->note[i].text));
  PetscCall(PetscFree(notes->note));
  notes->n = notes->capacity = 0;
  PetscFunctionReturn(0);
}

char *screen_shown(const char *text, size_t size, char out[])
{
  const size_t length = strlen(text);
  size_t keep = length < size ? length : size - 4;

  while (keep < length && keep > 0 && ((unsigned char)text[keep] & 0xC0) == 0x80) keep--;
  memcpy(out, text, keep);
  for (size_t i = 0; i < keep; i++) {
    if ((unsigned char)out[i] < 0x20 || out[i] == 0x7F) out[i] = '?';
  }
  if (keep < length) {
    memcpy(out + keep, "...", 4);
  } else {
    out[keep] = '\0';
  }
  return out;
}
