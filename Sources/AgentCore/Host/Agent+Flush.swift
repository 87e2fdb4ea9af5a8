import AWSCore

extension Agent {
    /// Ends the window here without sending anything, so that the next one holds what comes from now on alone.
    package func endWindow() { collect(until: clock.now().nanosecondsSince1970) }

    /// Commits what was counted until now, and sends all that is due without waiting for its moment in the period.
    package func flush() async {
        endWindow()
        await publish(isLast: true)
    }
}
