import Telemetry

/// Whether a telemetry file can only have been written by those whom its directory is for.
///
/// In a directory of mode 0700 that is its owner, in one of 2770 its group. What a writer makes fulfils it (docs/TELEMETRY.md);
/// a file that others may write was brought there or changed, and could count what nobody called.
struct TelemetryFileTrust {
    private let directory: PathFacts?

    init(directory path: String) { directory = PathFacts(path) }

    /// What is wrong with the file's owner or mode; nil where nothing is, or where opening it will say more.
    func objection(to path: String) -> String? {
        guard let directory, let file = PathFacts(path), !file.isLink, !file.isDirectory else { return nil }
        let remedy =
            "; a service makes it right by itself: look who brought or changed the file, and delete it or put that right"
        if directory.mode & 0o077 == 0 {
            if file.owner != directory.owner {
                return "it belongs to user \(file.owner), and its directory of mode 0700 to user \(directory.owner)"
                    + remedy
            }
            return file.mode & 0o022 == 0
                ? nil : "its mode \(file.modeText) lets others write it, and 0600 does not" + remedy
        }
        if file.group != directory.group {
            return "it belongs to group \(file.group), and its directory of mode 2770 to group \(directory.group)"
                + remedy
        }
        return file.mode & 0o002 == 0
            ? nil : "its mode \(file.modeText) lets others write it, and 0660 does not" + remedy
    }
}
