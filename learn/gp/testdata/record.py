"""Records what scikit-learn 1.9 says of Gaussian processes with several kernels: python3 record.py > kernels.json."""
import numpy as np, json, warnings
warnings.filterwarnings("ignore")
from sklearn.gaussian_process import GaussianProcessRegressor as G
from sklearn.gaussian_process.kernels import *
x=np.array([[0.,1],[1,0.5],[2,2],[3,0],[4,1.5],[5,3],[6,2.5],[7,0.2]]); y=np.sin(x[:,0])+0.3*x[:,1]
q=np.array([[0.5,1],[3.3,2],[8,1]])
ks={"rbf":RBF(1.5),"rbf of two lengths":RBF([1.5,3.0]),"matern 0.5":Matern(2.0,nu=0.5),"matern 1.5":Matern([2.0,1.0],nu=1.5),"matern 2.5":Matern(2.0,nu=2.5),"rational":RationalQuadratic(1.2,0.7),"sine":ExpSineSquared(1.3,5.0),"dot":DotProduct(0.8),"sum":ConstantKernel(2.0)*RBF(1.5)+WhiteKernel(0.05),"power":DotProduct(0.8)**2+ConstantKernel(0.5)*Matern(1.0,nu=1.5)}
out={}
for n,k in ks.items():
    a=G(k,optimizer=None,alpha=0.9 if n == "sine" else 1e-3).fit(x,y)
    ll,g=a.log_marginal_likelihood(k.theta,eval_gradient=True)
    m,s=a.predict(q,return_std=True)
    b=G(k,alpha=0.9 if n == "sine" else 1e-3).fit(x,y)
    out[n]={"ll":float(ll),"slopes":g.tolist(),"mean":m.tolist(),"std":s.tolist(),"tuned":float(b.log_marginal_likelihood_value_),"kernel":str(k)}
print(json.dumps(out,indent=1))
