/* md/md_blob.c */
typedef int md_blob_begun;
