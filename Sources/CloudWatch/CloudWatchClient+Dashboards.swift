public import AWSCore
internal import JSONBytes

/// What CloudWatch has to say about a dashboard that it took.
public struct DashboardMessage: Sendable, Hashable {
    /// Where in the body, as a JSON path.
    public var path: String
    /// What about it.
    public var message: String

    /// A remark about a place.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

extension CloudWatchClient {
    /// Makes a dashboard, or replaces the whole of it.
    ///
    /// - Returns: CloudWatch's warnings; an error in the body throws.
    public func putDashboard(name: String, body: [UInt8]) async throws(AWSFailure) -> [DashboardMessage] {
        let answer = try await call(.putDashboard) { writer in
            writer.member("DashboardName", name)
            writer.member("DashboardBody", String(decoding: body, as: UTF8.self))
        }
        return (answer["DashboardValidationMessages"]?.arrayValue ?? []).map { entry in
            DashboardMessage(
                path: entry["DataPath"]?.stringValue ?? "", message: entry["Message"]?.stringValue ?? "")
        }
    }

    /// A dashboard's body, or nil when there is none of that name.
    public func getDashboard(name: String) async throws(AWSFailure) -> [UInt8]? {
        do {
            let answer = try await call(.getDashboard) { $0.member("DashboardName", name) }
            return answer["DashboardBody"]?.stringValue.map { Array($0.utf8) }
        } catch {
            if error.class == .notFound || error.code.hasPrefix("DashboardNotFound") { return nil }
            throw error
        }
    }

    /// Deletes dashboards; a name that is not there fails the call.
    public func deleteDashboards(names: [String]) async throws(AWSFailure) {
        _ = try await call(.deleteDashboards) { $0.write(strings: names, as: "DashboardNames") }
    }
}
