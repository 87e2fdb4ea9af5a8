export interface IPatientRepository {
  findById(id: string): Promise<Patient | null>;
}
export interface IVisitRepository {
  getVisitsByDoctor(doctorId: string): Promise<Visit[]>;
  getVisitsByPatientId(patientId: string): Promise<Visit[]>;
}
