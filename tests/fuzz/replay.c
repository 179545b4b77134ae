/* tests/fuzz/replay.c - feeds every file of a folder to a fuzz target: the stored corpus as an
   ordinary test */
#include <dirent.h>
#include <petscsys.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int replay(const char *folder, const char *name)
{
  char path[4096];
  FILE *in;
  unsigned char *data;
  long size;

  snprintf(path, sizeof(path), "%s/%s", folder, name);
  in = fopen(path, "rb");
  if (!in || fseek(in, 0, SEEK_END) || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET)) return 0;
  data = malloc((size_t)size + 1);
  if (!data || fread(data, 1, (size_t)size, in) != (size_t)size) size = -1;
  fclose(in);
  if (size >= 0) LLVMFuzzerTestOneInput(data, (size_t)size);
  free(data);
  return size >= 0;
}

int main(int argc, char **argv)
{
  DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
  int n = 0;

  if (!folder) {
    fprintf(stderr, "usage: %s <corpus folder>\n", argv[0]);
    return 2;
  }
  for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') n += replay(argv[1], entry->d_name);
  }
  closedir(folder);
  printf("%d inputs replayed\n", n);
  return n == 0;
}
