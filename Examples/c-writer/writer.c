// A service in ten lines: three reads of two orders, measured.
#include "tidemark_writer.h"

int main(int count, char **arguments) {
    if (count != 2) return fputs("usage: writer DIRECTORY\n", stderr), 2;
    tidemark_writer *writer = tidemark_open(arguments[1], "checkout-c", "test");
    if (writer == NULL) return perror("no telemetry file"), 1;
    uint32_t reads = tidemark_series(writer, "Orders", "", "GetItem", "AP1");
    for (int number = 0; number < 3; number++) {
        tidemark_attempt(writer, reads, 2000000, TIDEMARK_SUCCESS, 300, 700);
        tidemark_consumed(writer, reads, 500, 0, number < 2 ? "ORDER#1" : "ORDER#2");
        tidemark_call(writer, reads, 2100000, TIDEMARK_SUCCESS, 1, 1);
    }
    tidemark_close(writer);
}
