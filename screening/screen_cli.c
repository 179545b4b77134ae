/* screening/screen_cli.c */
typedef int screen_cli_begun;
