/* mtp/mtp_diag.c - the list of messages; what it is for stands in the header */
#include "mtp/mtp_diag.h"

#include <stdarg.h>
#include <string.h>

/* Room for one more message. */
static PetscErrorCode diag_grow(mtp_diag *diag)
{
  char **text;
  PetscInt capacity = diag->capacity ? 2 * diag->capacity : 8;

  PetscFunctionBegin;
  if (diag->n < diag->capacity) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(capacity, &text));
  PetscCall(PetscArraycpy(text, diag->text, diag->n));
  PetscCall(PetscFree(diag->text));
  diag->text = text;
  diag->capacity = capacity;
  PetscFunctionReturn(0);
}

/* "file:line:column: " into `place`; returns its length as snprintf does. */
static int diag_place(char *place, size_t size, const char *file, PetscInt line, PetscInt column)
{
  if (!file) return snprintf(place, size, "%s", "");
  if (line <= 0) return snprintf(place, size, "%s: ", file);
  if (column <= 0) return snprintf(place, size, "%s:%" PetscInt_FMT ": ", file, line);
  return snprintf(place, size, "%s:%" PetscInt_FMT ":%" PetscInt_FMT ": ", file, line, column);
}

PetscErrorCode mtp_diag_add(mtp_diag *diag, const char *file, PetscInt line, PetscInt column,
                            const char *format, ...)
{
  va_list args, again;
  char *text;
  size_t place, message;

  PetscFunctionBegin;
  if (diag->n >= MTP_DIAG_MAX) PetscFunctionReturn(0);
  if (diag->n == MTP_DIAG_MAX - 1) {
    file = NULL;
    format = "more problems are not listed";
  }
  PetscCall(diag_grow(diag));
  place = (size_t)diag_place(NULL, 0, file, line, column);
  va_start(args, format);
  va_copy(again, args);
  message = (size_t)vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (PetscMalloc1(place + message + 1, &text)) {
    va_end(again);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a message");
  }
  diag_place(text, place + 1, file, line, column);
  vsnprintf(text + place, message + 1, format, again);
  va_end(again);
  diag->text[diag->n++] = text;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_diag_clear(mtp_diag *diag)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < diag->n; i++) PetscCall(PetscFree(diag->text[i]));
  PetscCall(PetscFree(diag->text));
  *diag = (mtp_diag){0};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_diag_print(const mtp_diag *diag, FILE *out)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < diag->n; i++) {
    PetscCheck(fprintf(out, "%s\n", diag->text[i]) >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
               "Cannot write the messages");
  }
  PetscFunctionReturn(0);
}
