import Glibc
import TestSupport
import Testing

extension TemporaryDirectory {
    /// What is there once an agent of another process has taken the place and is gone.
    func putLockOfAnother(in telemetryDirectory: String) throws {
        let others = try write("1\n", to: "others.lock")
        #expect(rename(others, telemetryDirectory + "/agent.lock") == 0)
    }
}
