// What Swift cannot say of the telemetry file: its layout's numbers in one place (layout.h), relaxed atomics on mapped
// memory (record.h), and system calls that are variadic or missing from Swift's Glibc (shim.h).
#ifndef CTELEMETRY_H
#define CTELEMETRY_H

#include "layout.h"
#include "record.h"
#include "shim.h"

#endif
