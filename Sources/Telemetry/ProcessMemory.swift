internal import CTelemetry

/// The memory of a process that is the agent's alone: a service that has an agent in it decides for itself.
package enum ProcessMemory {
    /// Lets all threads allocate from one heap, so that what one has freed serves the others. For the process' beginning.
    package static func shareOneHeap() { tm_share_one_heap() }

    /// Gives memory that is free back to the kernel; takes some hundred microseconds.
    package static func giveBack() { tm_give_memory_back() }
}
